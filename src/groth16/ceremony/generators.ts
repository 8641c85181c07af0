/** The groups' generators as iden3's files have them. */
import { bn254 } from '@noble/curves/bn254.js';
import { g1ToFile, g2ToFile } from './point-forms.ts';

export const generatorG1: Uint8Array<ArrayBuffer> = g1ToFile(bn254.G1.Point.BASE);
export const generatorG2: Uint8Array<ArrayBuffer> = g2ToFile(bn254.G2.Point.BASE);
