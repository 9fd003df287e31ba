"""`slowfeat report`: one page that shows what runs have learned."""
