/** The picture is one page that needs and loads nothing, whatever a model calls its nodes. */
import { expect, test } from 'vitest';
import type { LayerReport } from '../../src/report/layers.ts';
import { pictureHtml } from '../../src/report/picture.ts';

const hostile = `</script><img src=x onerror="alert(1)">&'\u202e`;
const layer = (name: string, constraints: number): LayerReport => ({
  layer: name,
  op: 'Conv',
  output: { dims: [1, 8, 4, 4], dtype: 'int8', low: -128, high: 127 },
  constraints,
  gadgets: [
    { gadget: 'line', constraints: constraints - 10 },
    { gadget: 'range', constraints: 10 },
  ],
  forms: ['line ×7', 'line + 1 exception ×1'],
});

const html = pictureHtml({ title: hostile, lines: [hostile] }, [layer(hostile, 5_000), layer('dense', 300)]);

test('names are text, never markup', () => {
  expect(html).not.toContain('<img');
  expect(html.match(/<script>/g)).toHaveLength(1);
  expect(html.match(/<\/script>/g)).toHaveLength(1);
  expect(html).not.toContain('\u202e');
});

test('nothing is loaded from anywhere', () => {
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/https?:|<[a-z]+[^>]*\s(?:src|href|srcset|action)=|@import|url\(/i);
});

test('hovering tells shape, bounds, form and share', () => {
  expect(html).toContain('output int8[1, 8, 4, 4], bounds -128…127');
  expect(html).toContain('line ×7, line + 1 exception ×1');
  expect(html).toContain('layer: 300 constraints, 5.7 %');
  expect(html).toContain('range: 10 constraints, 0.2 %');
  expect(html.match(/class="leaf"/g)).toHaveLength(4);
});
