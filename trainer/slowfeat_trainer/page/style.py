"""The style sheet of our pages: light and dark, wide and narrow, no font or file from elsewhere."""

CSS = """
:root{color-scheme:light dark;--bg:#f7f8fa;--card:#fff;--text:#1c2430;--soft:#5b6675;--line:#e1e5eb;
--accent:#2563eb;--good:#15803d;--bad:#c2410c;--pale:#c3cad4;
--c0:#2563eb;--c1:#c2410c;--c2:#15803d;--c3:#9333ea;--c4:#7c8795;--c5:#be185d}
@media(prefers-color-scheme:dark){:root{--bg:#11151b;--card:#1a2029;--text:#e6eaf0;--soft:#9aa5b4;
--line:#2c3542;--accent:#7aa7ff;--good:#4ade80;--bad:#fb923c;--pale:#414c5b;
--c0:#7aa7ff;--c1:#fb923c;--c2:#4ade80;--c3:#c084fc;--c4:#9aa5b4;--c5:#f472b6}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.55 system-ui,-apple-system,
"Segoe UI",
Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:980px;margin:0 auto;padding:40px 20px 64px}
h1{font-size:30px;line-height:1.2;margin:0 0 8px}h2{font-size:21px;margin:0 0 6px}
h3{font-size:16px;margin:0 0 4px}
p{margin:0 0 12px;max-width:75ch}.lead,.soft{color:var(--soft)}.soft{font-size:14px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:24px;
margin:20px 0}
.grid{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(210px,1fr))}
.two{display:grid;gap:28px;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));
align-items:start}
.big{font-size:30px;font-weight:650;line-height:1.15;letter-spacing:-.01em}
.figure{border-top:3px solid var(--accent);padding-top:10px}
.figure p{margin:2px 0 0;font-size:14px;color:var(--soft)}
ol.steps{display:flex;flex-wrap:wrap;gap:8px;list-style:none;padding:0;margin:12px 0 0;
font-size:14px}
ol.steps li{border:1px solid var(--line);border-radius:999px;padding:3px 12px}
ol.steps li+li::before{content:"\\2192";color:var(--soft);margin-right:8px}
.strip{display:grid;gap:10px;grid-template-columns:repeat(4,1fr)}
figure{margin:0}img{display:block;width:100%;height:auto;border-radius:6px;background:var(--line)}
figcaption{font-size:13px;color:var(--soft);margin-top:3px}
.patterns{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(290px,1fr))}
.pattern{border:1px solid var(--line);border-radius:10px;padding:12px;display:grid;gap:10px;
grid-template-columns:96px 1fr;align-items:start}
.pattern .pair{grid-column:1/-1;display:grid;grid-template-columns:1fr 1fr;gap:8px}
.pattern p{font-size:14px;margin:0;color:var(--soft)}
.example{padding:14px 0;border-top:1px solid var(--line)}
.example:first-of-type{border-top:0}
.example .three{display:grid;grid-template-columns:repeat(3,1fr);gap:12px}
.example p{margin:0 0 8px;font-size:14px}
.right img,.wrong img{outline:4px solid var(--good);outline-offset:-4px}
.wrong img{outline-color:var(--bad)}
.yes{color:var(--good);font-weight:600}.no{color:var(--bad);font-weight:600}
svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);font-size:12px}
.plot svg{max-width:440px}
.pale{fill:var(--pale)}.axis{stroke:var(--soft);fill:none}
.equal{stroke:var(--soft);stroke-dasharray:4 4}
.dot-large{fill:var(--bad);opacity:.6}.dot-small{fill:var(--accent);opacity:.55}
.before{fill:var(--pale)}.after{fill:var(--accent)}.way{stroke:var(--soft);stroke-dasharray:3 3}
.legend{display:flex;gap:8px;align-items:center;font-size:13px;color:var(--soft)}
.bar{display:inline-block;flex:1;max-width:180px;height:8px;border-radius:4px}
.scroll{overflow-x:auto}.scroll svg{min-width:560px}
.grid-line{stroke:var(--line);fill:none}
.key{display:inline-block;width:18px;height:3px;border-radius:2px;margin-right:6px;
vertical-align:middle}
.keys{flex-wrap:wrap;gap:4px 16px}.pair-of{white-space:nowrap}
path.s0{stroke:var(--c0);fill:none;stroke-width:1.8}.key.s0{background:var(--c0)}
.box.s0{stroke:var(--c0);fill:var(--c0)}
path.s1{stroke:var(--c1);fill:none;stroke-width:1.8}.key.s1{background:var(--c1)}
.box.s1{stroke:var(--c1);fill:var(--c1)}
path.s2{stroke:var(--c2);fill:none;stroke-width:1.8}.key.s2{background:var(--c2)}
.box.s2{stroke:var(--c2);fill:var(--c2)}
path.s3{stroke:var(--c3);fill:none;stroke-width:1.8}.key.s3{background:var(--c3)}
.box.s3{stroke:var(--c3);fill:var(--c3)}
path.s4{stroke:var(--c4);fill:none;stroke-width:1.8}.key.s4{background:var(--c4)}
.box.s4{stroke:var(--c4);fill:var(--c4)}
path.s5{stroke:var(--c5);fill:none;stroke-width:1.8}.key.s5{background:var(--c5)}
.box.s5{stroke:var(--c5);fill:var(--c5)}
table{border-collapse:collapse;width:100%;font-size:15px;font-variant-numeric:tabular-nums}
th,td{padding:7px 10px;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child{text-align:left;padding-left:0}
th{font-weight:600;color:var(--soft)}tr.main td{font-weight:650}
code{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{margin:0 0 12px;padding:12px 14px;border-radius:8px;background:var(--bg);overflow-x:auto}
@media(max-width:600px){main{padding:24px 12px 48px}section{padding:16px}
.strip{grid-template-columns:1fr 1fr}
h1{font-size:25px}.example .three{gap:6px}table{font-size:13px}th,td{padding:6px 4px}
.example figcaption{font-size:12px}}
"""
