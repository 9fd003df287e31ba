"""The report as one HTML page that loads nothing from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from slowfeat import __version__
from slowfeat_trainer.page.document import document
from slowfeat_trainer.report.coherence_section import coherence_section
from slowfeat_trainer.report.frame_images import Pictures
from slowfeat_trainer.report.futures import futures_section
from slowfeat_trainer.report.held_out_section import errors_section, table_section
from slowfeat_trainer.report.learning_curves import slowness_section, training_section
from slowfeat_trainer.report.motions import patterns_section, same_change_section
from slowfeat_trainer.report.nearest_frames import neighbours_section
from slowfeat_trainer.report.page_header import key_figures, opening
from slowfeat_trainer.report.plane import plane_section
from slowfeat_trainer.report.report_data import ReportData
from slowfeat_trainer.report.weights import weights_section

MORE_CSS = """
ul.about{list-style:none;padding:0;margin:0 0 12px}ul.about li{margin:3px 0;overflow-wrap:anywhere}
ol.contents{display:flex;flex-wrap:wrap;gap:6px 8px;list-style:none;padding:0;margin:12px 0 0;
font-size:14px}
ol.contents a{display:block;border:1px solid var(--line);border-radius:999px;padding:3px 12px;
color:inherit;
text-decoration:none}ol.contents a:hover{border-color:var(--accent)}
h3{margin-top:18px}h3.run{font-size:18px;margin:22px 0 8px}section>h3.run:first-child{margin-top:0}
.four{display:grid;gap:20px;grid-template-columns:repeat(auto-fit,minmax(190px,1fr))}
.figure.s0{border-color:var(--c0)}.figure.s1{border-color:var(--c1)}
.figure.s2{border-color:var(--c2)}.figure.s3{border-color:var(--c3)}
.figure.s4{border-color:var(--c4)}.figure.s5{border-color:var(--c5)}
ul.reading{padding-left:20px;max-width:75ch}ul.reading li{margin:6px 0}
ul.notes{font-size:14px;color:var(--soft);padding-left:20px;margin:8px 0}
table.figures td:first-child{white-space:nowrap;padding-right:16px}table.figures{margin-top:6px}
table.narrow{width:auto;margin:10px 0}details{margin:8px 0 16px}
summary{cursor:pointer;color:var(--accent)}
.small{display:grid;gap:8px 28px;grid-template-columns:repeat(auto-fit,minmax(260px,1fr))}
.small h3{margin-bottom:0}.plot.wide svg{max-width:500px}
#coherence .plot svg,#slowness .plot svg{max-width:560px}
svg text.head{fill:var(--text);font-size:11px}
.box path{fill:none;stroke-width:1.6}.box rect{fill-opacity:.22;stroke-width:1.2}
.box .median{stroke-width:3}
.box circle{stroke:none}.dot{stroke:none}.dot.s0{fill:var(--c0)}.dot.s1{fill:var(--c1)}
.dot.s2{fill:var(--c2)}
.dot.s3{fill:var(--c3)}.dot.s4{fill:var(--c4)}.dot.s5{fill:var(--c5)}
path.dashed{stroke-dasharray:7 5}path.dotted{stroke-dasharray:2 4}
.key.dashed{background:none!important;border-top:3px dashed var(--c4);height:0}
.key.dotted{background:none!important;border-top:3px dotted var(--c4);height:0}
.key.s0.dashed{border-color:var(--c0)}.key.s1.dashed{border-color:var(--c1)}
.key.s2.dashed{border-color:var(--c2)}
.key.s3.dashed{border-color:var(--c3)}.key.s5.dashed{border-color:var(--c5)}
svg.filters{max-width:440px;margin:8px 0}.pool{fill:none;stroke:var(--pale);stroke-width:.5}
.query{display:grid;grid-template-columns:minmax(90px,150px) 1fr;gap:14px;
border-top:1px solid var(--line);padding:14px 0}
.space{margin:0 0 3px;font-size:13px;color:var(--soft)}
.hits{display:grid;grid-template-columns:repeat(5,1fr);gap:6px;margin-bottom:8px}
.future{display:grid;grid-template-columns:repeat(6,1fr);gap:10px;padding:14px 0;
border-top:1px solid var(--line);align-items:start}
.future .motion svg{max-width:110px;margin:0 auto}
.changes{display:grid;grid-template-columns:repeat(4,1fr);gap:14px;padding:14px 0;
border-top:1px solid var(--line)}
.motion-made{display:grid;grid-template-columns:64px 1fr;gap:8px;font-size:13px;align-items:center;
min-height:76px}
.change{display:flex;flex-direction:column;justify-content:space-between}
.motion-made p{margin:0;color:var(--soft)}
.change .pair{display:grid;grid-template-columns:1fr 1fr;gap:4px;margin-top:6px}
@media(max-width:600px){table.figures td:first-child{white-space:normal;padding-right:4px}
table.figures{font-size:12px}
table.figures th,table.figures td{padding:6px 3px}.future{grid-template-columns:repeat(3,1fr)}
.changes{grid-template-columns:1fr 1fr}
.query{grid-template-columns:1fr}.query>figure{max-width:150px}
.motion-made{grid-template-columns:48px 1fr}
.pattern{grid-template-columns:80px 1fr}.patterns{grid-template-columns:1fr}}
"""


def make_page(subjects: Sequence[ReportData], frames: bool) -> str:
    """The whole page.

    Args:
        subjects: the runs, measured.
        frames: whether the bags' own frames are shown.
    """
    pictures = [
        Pictures.of(frames, s.source.camera.size, s.split.test.frames.shape[1:]) for s in subjects
    ]
    drawn = [
        ("held-out", "figures", table_section(subjects)),
        ("futures", "predicted frames", futures_section(subjects, pictures)),
        ("motions", "motion patterns", patterns_section(subjects, pictures)),
        ("errors", "error by motion", errors_section(subjects)),
        ("changes", "same motion elsewhere", same_change_section(subjects, pictures)),
        ("neighbours", "nearest neighbours", neighbours_section(subjects, pictures)),
        ("plane", "in two dimensions", plane_section(subjects)),
        ("coherence", "temporal coherence", coherence_section(subjects)),
        ("slowness", "slowness over training", slowness_section(subjects)),
        ("training", "training curves", training_section(subjects)),
        ("weights", "filters", weights_section(subjects)),
    ]
    there = [(anchor, heading, content) for anchor, heading, content in drawn if content]
    names = ", ".join(s.name for s in subjects)
    made = "" if frames else " The bags' own frames were left out."
    return document(
        f"slowfeat report: {names}",
        [
            opening(subjects, [(anchor, heading) for anchor, heading, _ in there]),
            key_figures(subjects),
            *(f'<section id="{anchor}">{content}</section>' for anchor, _, content in there),
            f'<p class="soft">slowfeat {escape(__version__)}.{made}</p>',
        ],
        MORE_CSS,
    )
