/** The look of the pages: light and dark by the reader's own choice, one column on a phone. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --panel: #f6f8fa; --line: #d5dae0;
  --link: #0a5dc2; --get: #0b6e3b; --post: #8a4600; --delete: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa4af; --paper: #111418; --panel: #1a1f25;
  --line: #323a43; --link: #79b8ff; --get: #6fdc9c; --post: #ffc078; --delete: #ff8f85; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 1; background: var(--paper); padding: .5rem; }
.frame { display: grid; grid-template-columns: 17rem minmax(0, 1fr); grid-template-areas: "nav head" "nav main";
  grid-template-rows: auto 1fr; max-width: 78rem; margin: 0 auto; }
.frame > header { grid-area: head; padding: 1.5rem 1.5rem 0; min-width: 0; }
.frame > main { grid-area: main; padding-top: 0; }
nav { grid-area: nav; position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 1.5rem 1rem 2rem 1.5rem;
  font-size: .9rem; }
nav h2 { font-size: .75rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); margin: 1.2rem 0 .3rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { break-inside: avoid; }
nav li a { display: block; padding: .12rem 0; text-decoration: none; }
nav li a:hover { text-decoration: underline; }
main { padding: 1.5rem 1.5rem 4rem; min-width: 0; }
main.alone { max-width: 78rem; margin: 0 auto; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: .2rem 0 .6rem; }
header h2 { font-size: 1.1rem; margin: 1rem 0 .2rem; }
main h2 { font-size: 1.35rem; margin: 3rem 0 .4rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.1rem; margin: 0 0 .2rem; }
h4 { font-size: .95rem; margin: 1.2rem 0 .35rem; }
p { margin: .4rem 0; max-width: 46rem; overflow-wrap: break-word; }
code, pre { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code { background: var(--panel); padding: .08em .3em; border-radius: 4px; overflow-wrap: anywhere; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; margin: .3rem 0 .6rem;
  overflow-x: auto; }
pre.shell { white-space: pre-wrap; overflow-wrap: anywhere; }
pre code { background: none; padding: 0; overflow-wrap: inherit; }
.call { border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.1rem; margin: 1rem 0; }
.route { display: flex; flex-wrap: wrap; gap: .2rem .6rem; align-items: baseline; margin: .1rem 0 .5rem; }
.route code { background: none; padding: 0; }
.get { color: var(--get); } .post { color: var(--post); } .delete { color: var(--delete); }
.scope, .soft { color: var(--soft); font-size: .86rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .2rem 0 .6rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; white-space: nowrap; }
details { margin: .4rem 0; }
summary { cursor: pointer; padding: .15rem 0; }
.codes { display: flex; flex-wrap: wrap; gap: .15rem .9rem; margin: .2rem 0; padding: 0; list-style: none; font-size: .9rem; }
:target { scroll-margin-top: 1rem; }
tr:target th, tr:target td, :target > h3, h4:target { background: color-mix(in srgb, var(--link) 12%, transparent); }
@media (max-width: 60rem) {
  .frame { display: block; }
  .frame > header { padding: 1rem 1rem 0; }
  nav { position: static; max-height: none; padding: 0 1rem; }
  nav ul { columns: 2; column-gap: 1rem; }
  main { padding: 1rem 1rem 3rem; }
  .call { padding: .8rem; }
}
@media (max-width: 36rem) {
  table.stacked thead { position: absolute; left: -999rem; }
  table.stacked, table.stacked tbody, table.stacked tr, table.stacked th, table.stacked td { display: block; padding-right: 0; }
  table.stacked tr { border-bottom: 1px solid var(--line); padding: .4rem 0; }
  table.stacked th, table.stacked td { border: 0; padding: .1rem 0; white-space: normal; }
  table.stacked td:empty { display: none; }
  table.stacked td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
}
@media print { nav, .skip { display: none; } .frame { display: block; } pre { white-space: pre-wrap; } }
`;
