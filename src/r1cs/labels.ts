/** Names of rows while a circuit is built: two small indices and an element number per row. */
import type { RowLabels } from './circuit.ts';
import { grow } from './grow.ts';

class Names {
  readonly list: string[] = [];
  readonly #ids = new Map<string, number>();

  id(name: string): number {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.list.push(name) - 1;
      this.#ids.set(name, id);
    }
    return id;
  }
}

export class LabelWriter {
  readonly #layers = new Names();
  readonly #gadgets = new Names();
  #layerOf = new Uint32Array(1024);
  #gadgetOf = new Uint16Array(1024);
  #elementOf = new Uint32Array(1024);
  #rowCount = 0;
  #layer = 0;
  #gadget = 0;
  #element = 0;

  constructor() {
    this.layer('circuit');
    this.gadget('row');
  }

  layer(name: string): void {
    this.#layer = this.#layers.id(name);
    this.#element = 0;
  }

  gadget(name: string): void {
    this.#gadget = this.#gadgets.id(name);
  }

  element(index: number): void {
    this.#element = index;
  }

  /** Names the next row. */
  row(): void {
    const row = this.#rowCount++;
    if (row === this.#layerOf.length) {
      this.#layerOf = grow(this.#layerOf);
      this.#gadgetOf = grow(this.#gadgetOf);
      this.#elementOf = grow(this.#elementOf);
    }
    this.#layerOf[row] = this.#layer;
    this.#gadgetOf[row] = this.#gadget;
    this.#elementOf[row] = this.#element;
  }

  finish(): RowLabels {
    const layerOf = this.#layerOf.subarray(0, this.#rowCount);
    const gadgetOf = this.#gadgetOf.subarray(0, this.#rowCount);
    return {
      layers: this.#layers.list,
      gadgets: this.#gadgets.list,
      layerOf: this.#layers.list.length <= 0x10000 ? new Uint16Array(layerOf) : layerOf.slice(),
      gadgetOf: this.#gadgets.list.length <= 0x100 ? new Uint8Array(gadgetOf) : gadgetOf.slice(),
      elementOf: this.#elementOf.slice(0, this.#rowCount),
    };
  }
}
