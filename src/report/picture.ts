/**
 * The picture of `zkonnx inspect`: one self-contained HTML page, a treemap of constraints by layer and gadget. No request leaves the page (its own policy forbids
 * any); names come from the model and are escaped. Without scripts the boxes still have their titles, and the table below says it all.
 */
import { printable } from '../receipt/text.ts';
import type { LayerReport } from './layers.ts';
import { formatCount } from './table.ts';
import { type Rectangle, squarify } from './treemap.ts';

export interface PictureFacts {
  readonly title: string;
  /** Lines under the title: digests, sizes. */
  readonly lines: readonly string[];
}

const canvas = { width: 1200, height: 640 };
const captionHeight = 18;
/** Hues that stay apart for colour-blind eyes (Okabe and Ito 2008). */
const hues = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#f0e442', '#0072b2', '#d55e00', '#999999'];

function escapeHtml(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, 400))
    .join('\n')
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function box({ x, y, width, height }: Rectangle): string {
  const f = (value: number): string => value.toFixed(2);
  return `x="${f(x)}" y="${f(y)}" width="${f(Math.max(width, 0))}" height="${f(Math.max(height, 0))}"`;
}

function hoverText(report: LayerReport, gadget: string, constraints: number, total: number): string {
  const { output } = report;
  const share = (value: number): string => `${((100 * value) / total).toFixed(1)} %`;
  return [
    `${report.layer}${report.op === '' ? '' : ` (${report.op})`}`,
    ...(output === null ? [] : [`output ${output.dtype}[${output.dims.join(', ')}], bounds ${output.low}…${output.high}`]),
    ...(report.forms.length === 0 ? [] : [`requantization: ${report.forms.join(', ')}`]),
    `layer: ${formatCount(report.constraints)} constraints, ${share(report.constraints)}`,
    `${gadget}: ${formatCount(constraints)} constraints, ${share(constraints)}`,
  ].join('\n');
}

/** A label where there is room for at least a few letters, shortened to fit; ~6.2 px a letter at 11 px. */
function label(text: string, { x, y, width, height }: Rectangle, className: string): string {
  const letters = Math.floor((width - 8) / 6.2);
  if (letters < 4 || height < 15) return '';
  const shown = [...text].length <= letters ? text : `${[...text].slice(0, letters - 1).join('')}…`;
  return `<text class="${className}" x="${(x + 4).toFixed(2)}" y="${(y + 13).toFixed(2)}">${escapeHtml(shown)}</text>`;
}

/** The page as text. */
export function pictureHtml(facts: PictureFacts, reports: readonly LayerReport[]): string {
  const total = reports.reduce((sum, { constraints }) => sum + constraints, 0);
  const shown = reports.filter(({ constraints }) => constraints > 0).sort((a, b) => b.constraints - a.constraints);
  const byGadget = new Map<string, number>();
  for (const { gadgets } of shown)
    for (const { gadget, constraints } of gadgets) byGadget.set(gadget, (byGadget.get(gadget) ?? 0) + constraints);
  const gadgetNames = [...byGadget].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  const hue = (gadget: string): string => hues[gadgetNames.indexOf(gadget) % hues.length]!;

  const areas = squarify(
    shown.map(({ constraints }) => constraints),
    { x: 0, y: 0, ...canvas },
  );
  const boxes = shown.map((report, i) => {
    const area = areas[i]!;
    const hasCaption = area.width > 40 && area.height > 2 * captionHeight;
    const inner = hasCaption ? { ...area, y: area.y + captionHeight, height: area.height - captionHeight } : area;
    const leaves = squarify(
      report.gadgets.map(({ constraints }) => constraints),
      inner,
    ).map((leaf, j) => {
      const { gadget, constraints } = report.gadgets[j]!;
      const text = escapeHtml(hoverText(report, gadget, constraints, total));
      return `<g class="leaf" tabindex="0"><title>${text}</title><rect ${box(leaf)} fill="${hue(gadget)}"/>${label(gadget, leaf, 'gadget')}</g>`;
    });
    return `<g>${leaves.join('')}<rect class="layer" ${box(area)}/>${hasCaption ? label(report.layer, area, 'caption') : ''}</g>`;
  });
  const legend = gadgetNames.map(
    (name) => `<span><i style="background:${hue(name)}"></i>${escapeHtml(name)} ${formatCount(byGadget.get(name)!)}</span>`,
  );
  const rows = reports.map(
    ({ layer, op, output, constraints, forms }) =>
      `<tr><td>${escapeHtml(layer)}</td><td>${escapeHtml(op)}</td><td>${output === null ? '' : escapeHtml(`${output.dtype}[${output.dims.join(',')}]`)}</td><td>${
        output === null ? '' : `${output.low}…${output.high}`
      }</td><td class="number">${formatCount(constraints)}</td><td>${escapeHtml(forms.join(', '))}</td></tr>`,
  );
  return page(facts, boxes.join('\n'), legend.join('\n'), rows.join('\n'));
}

function page(facts: PictureFacts, boxes: string, legend: string, rows: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(facts.title)}</title>
<style>
  :root { color-scheme: light dark; --ground: #fff; --ink: #1a1a1a; --quiet: #666; --line: #fff; }
  @media (prefers-color-scheme: dark) { :root { --ground: #16181c; --ink: #e8e8e8; --quiet: #9a9a9a; --line: #16181c; } }
  body { margin: 24px auto; max-width: 1240px; padding: 0 16px; background: var(--ground); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
  h1 { font-size: 20px; margin: 0; } p { margin: 4px 0; color: var(--quiet); }
  svg { width: 100%; height: auto; display: block; margin: 14px 0; }
  rect { stroke: var(--line); stroke-width: 0.6; } rect.layer { fill: none; stroke-width: 2.5; pointer-events: none; }
  text { font-size: 11px; fill: #1a1a1a; pointer-events: none; } text.caption { font-weight: 600; fill: var(--ink); }
  .leaf:hover rect, .leaf:focus rect { stroke: var(--ink); stroke-width: 2; } .leaf:focus { outline: none; }
  .legend span { display: inline-block; margin-right: 16px; white-space: nowrap; } .legend i { display: inline-block; width: 12px; height: 12px; margin-right: 5px; vertical-align: -1px; }
  #hover { position: fixed; display: none; white-space: pre-line; pointer-events: none; background: var(--ground); color: var(--ink); border: 1px solid var(--quiet); border-radius: 4px; padding: 6px 9px; max-width: 480px; }
  table { border-collapse: collapse; margin-top: 16px; } th, td { text-align: left; padding: 3px 14px 3px 0; border-bottom: 1px solid #8884; vertical-align: top; } .number { text-align: right; font-variant-numeric: tabular-nums; }
</style>
<h1>${escapeHtml(facts.title)}</h1>
${facts.lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
<svg viewBox="0 0 ${canvas.width} ${canvas.height}" role="img" aria-label="Treemap of constraints by layer and gadget; the table below has the same figures">
${boxes}
</svg>
<div class="legend">${legend}</div>
<table><thead><tr><th>layer</th><th>op</th><th>output</th><th>bounds</th><th class="number">constraints</th><th>requantization</th></tr></thead>
<tbody>
${rows}
</tbody></table>
<div id="hover" role="status"></div>
<script>
  const hover = document.getElementById('hover');
  for (const leaf of document.querySelectorAll('.leaf')) {
    const title = leaf.querySelector('title');
    const text = title.textContent;
    title.remove();
    leaf.setAttribute('aria-label', text);
    const show = (x, y) => {
      hover.textContent = text;
      hover.style.display = 'block';
      hover.style.left = Math.max(0, Math.min(x + 14, innerWidth - hover.offsetWidth - 8)) + 'px';
      hover.style.top = Math.max(0, Math.min(y + 14, innerHeight - hover.offsetHeight - 8)) + 'px';
    };
    const hide = () => { hover.style.display = 'none'; };
    leaf.addEventListener('pointermove', (event) => show(event.clientX, event.clientY));
    leaf.addEventListener('pointerleave', hide);
    leaf.addEventListener('focus', () => { const at = leaf.getBoundingClientRect(); show(at.left, at.top); });
    leaf.addEventListener('blur', hide);
  }
</script>
</html>
`;
}
