//! The look of the sandbox's own pages: plain HTML that works without scripts.

/// Text as HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b2430;--quiet:#566372;--page:#f3f5f8;--card:#fff;--line:#d5dce5;--accent:#0b5cad}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--quiet:#a9b5c4;--page:#10151c;--card:#19212b;--line:#2f3b49;--accent:#8cc4ff}}
*{box-sizing:border-box}body{margin:0;font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page)}
main{max-width:64rem;margin:0 auto;padding:24px 16px 64px}h1{font-size:24px;line-height:32px;margin:8px 0 16px}
nav{background:var(--card);border-bottom:1px solid var(--line);padding:8px 16px;display:flex;gap:16px;flex-wrap:wrap}
a{color:var(--accent)}p,dd{overflow-wrap:anywhere}.quiet,dt,td time{color:var(--quiet)}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);font-size:14px}
th,td{text-align:left;padding:6px 10px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
.list{list-style:none;padding:0;display:grid;gap:8px}.row{width:100%;display:grid;grid-template-columns:12rem 1fr auto;gap:12px;
text-align:left;padding:12px 16px;background:var(--card);color:var(--ink);border:1px solid var(--line);border-radius:8px;font:inherit;cursor:pointer}
@media(max-width:600px){.row{grid-template-columns:1fr}}.row:hover{border-color:var(--accent)}
button,input,select{font:inherit;padding:6px 12px;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--ink)}
iframe{width:100%;height:70vh;border:1px solid var(--line);border-radius:8px;background:#fff}pre{white-space:pre-wrap;background:var(--card);
border:1px solid var(--line);border-radius:8px;padding:16px}.problem{border-left:4px solid #c0392b;padding:8px 12px;background:var(--card)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}";

/// A whole page.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <link rel="icon" href="data:,"><title>{} · Sandbox</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>"#,
        escape(title)
    )
}
