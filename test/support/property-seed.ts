/**
 * Property tests of the default suite run from one seed, so that a change is judged by what it changed. `FAST_CHECK_SEED=random npm test` (or a number) looks elsewhere;
 * the slow suite always does. What they find becomes a test of its own.
 */
import fc from 'fast-check';

const asked = process.env.FAST_CHECK_SEED;
if (asked !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: asked === undefined ? 20_261_121 : Number(asked) });
