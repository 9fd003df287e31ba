"""The demo: a bag, a trained bundle, the live node, and a page that shows what came of it."""
