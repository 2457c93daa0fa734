/** The page's style: light and dark by the reader's system or choice, and on paper, which is always light. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1d2329;--soft:#5b6670;--line:#d9dee3;--paper:#fff;--ground:#f5f6f8;--accent:#005f96;--good:#00674b;--bad:#a63c00}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){--ink:#e6e9ec;--soft:#9aa5b0;--line:#353c44;--paper:#1b2026;--ground:#13171b;--accent:#6cb8ea;--good:#5fd0ac;--bad:#ff9d66}}
@media screen{:root[data-theme=dark]{color-scheme:dark;--ink:#e6e9ec;--soft:#9aa5b0;--line:#353c44;--paper:#1b2026;--ground:#13171b;--accent:#6cb8ea;--good:#5fd0ac;--bad:#ff9d66}}
:root[data-theme=light]{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{margin:0;font-size:30px;line-height:1.2;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{margin:0 0 12px;font-size:20px}
h3{margin:20px 0 4px;font-size:15px}
.sub{margin:6px 0 0;color:var(--soft)}
.run{display:block}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.88em}
pre{overflow:auto;margin:8px 0;padding:12px 14px;background:var(--ground);border:1px solid var(--line);border-radius:6px}
a{color:var(--accent)}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:16px 0 0;padding:10px 0;border-top:1px solid var(--line)}
nav button{margin-left:auto}
button{font:inherit;color:var(--accent);background:none;border:1px solid var(--line);border-radius:6px;padding:1px 10px;cursor:pointer}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:12px;top:8px;background:var(--paper);padding:4px 10px}
section,.notices{margin:0 0 20px;padding:20px 22px;background:var(--paper);border:1px solid var(--line);border-radius:10px}
.notices{border-left:4px solid var(--bad)}.notices h2{font-size:15px;margin:0}.notices ul{margin:4px 0 0;padding-left:20px;overflow-wrap:anywhere}
.scroll{overflow:auto;max-height:32rem;margin:0 0 16px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding:0 0 6px}
th,td{padding:5px 12px;text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}
thead th{position:sticky;top:0;background:var(--paper);font-weight:600;vertical-align:bottom;box-shadow:inset 0 -1px 0 var(--ink)}
.number{text-align:right}
td.text{white-space:normal;min-width:16rem;color:var(--soft);overflow-wrap:anywhere}
.plain th{color:var(--soft);font-weight:400;vertical-align:top}.plain td{white-space:normal;overflow-wrap:anywhere}
th button{border:0;padding:0;color:inherit;font-weight:600}
th[aria-sort=ascending] button::after{content:" \\2191"}th[aria-sort=descending] button::after{content:" \\2193"}
tbody tr:hover{background:var(--ground)}
tr[aria-current=true]{background:color-mix(in srgb,var(--accent) 14%,transparent)}
.best{font-weight:650;color:var(--good)}.mark{font-size:.8em;font-weight:400}
.state{font-weight:600}.failed,.interrupted{color:var(--bad)}.succeeded,.executed,.reused{color:var(--good)}
.tools{display:flex;flex-wrap:wrap;align-items:baseline;gap:8px 16px;margin:0 0 12px}
.tools[hidden]{display:none}
.tools input[type=search]{font:inherit;width:min(26rem,60vw);padding:3px 9px;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:6px}
#filter-note{color:var(--soft)}#filter-note.wrong{color:var(--bad)}
#columns div{display:flex;flex-wrap:wrap;gap:2px 16px;padding:8px 0}
summary{cursor:pointer;color:var(--accent)}
.plates{display:flex;flex-wrap:wrap;gap:20px}.plates figure{flex:0 1 auto}#charts figure{flex:1 1 400px;max-width:560px}
figure{margin:0;max-width:100%}
figure.wide{overflow:auto}
figcaption{color:var(--soft);margin:0 0 4px}
figure>svg,.drawn>svg{max-width:100%;height:auto;border-radius:6px}
.wide>svg{max-width:none}
#detail h3{font-size:17px;margin:8px 0 12px}
#detail .move{display:inline-flex;gap:8px;margin-left:12px;vertical-align:middle}
.pairs{display:flex;flex-wrap:wrap;gap:10px}
.pairs img{display:block;width:96px;height:auto;margin-bottom:2px;background:#000}
.drawn{position:relative}
.choice{margin:0 0 6px;color:var(--soft)}.choice label{margin-right:12px}
#tip{position:fixed;z-index:9;pointer-events:none;padding:3px 9px;border-radius:5px;background:#1d2329;color:#fff;font-size:13px}
#tip[hidden]{display:none}
footer{color:var(--soft);font-size:13px;padding-bottom:36px}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]) svg{filter:brightness(.93)}}
@media screen{:root[data-theme=dark] svg{filter:brightness(.93)}}
@media (max-width:640px){header,main,footer{padding-left:12px;padding-right:12px}section{padding:14px 12px}h1{font-size:24px}}
@page{margin:14mm 12mm}
@media print{
:root{color-scheme:light}
body{background:#fff;font-size:12px}
details:not([open],.printed){display:none}
header,main,footer{max-width:none;padding:0}
section,.notices{border:0;padding:0}
figure,tr,pre,h2,h3,.notices{break-inside:avoid}h2,h3,caption,figcaption,summary{break-after:avoid}
details pre{break-inside:auto}
nav,.tools label,#columns,.skip,#tip,.move,.choice{display:none!important}
#filter-note[data-filter]::before{content:"Filter " attr(data-filter) ": "}
a{color:inherit;text-decoration:none}
summary{color:inherit;list-style:none}summary::-webkit-details-marker{display:none}
.scroll,figure.wide,pre{max-height:none;overflow:visible}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:0;padding:0;background:none}
table{font-size:10px}th,td{padding:2px 5px;white-space:normal}td.text{min-width:11rem}#point-table th.number{writing-mode:vertical-rl}td.number{white-space:nowrap}
thead th{position:static;box-shadow:none;border-bottom-color:currentColor}th button{display:contents}
.plates figure,#charts figure{flex:0 1 calc(50% - 10px)}.plates .agreement,.plates .pictures{flex-basis:100%}
.wide>svg{max-width:100%}
.pairs img{width:72px}
}
`;
