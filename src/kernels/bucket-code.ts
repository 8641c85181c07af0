/**
 * Code of Pippenger's buckets: points into buckets by their digits, pairwise and round by round with `AddPairs`, and the buckets' weighted sum. Whole loops, for one form of points; nothing per point is left to JavaScript.
 *
 * A chunk of points is sorted by digit while it is copied, with the digits' signs, next to the buckets' earlier sums: from there on every access is sequential. In each round the n elements of a bucket, which lie one
 * behind the other, and the one that an earlier round may have left over, give ⌊(n + left)/2⌋ sums.
 *
 * The weighted sum Σ (b + 1)·bucket_b of many buckets runs in segments side by side: running sums and their sums, two additions per bucket, then the segments' totals in XYZZ coordinates.
 */
import type { GroupCode } from './curve-code.ts';
import type { Slots } from './field-code.ts';
import {
  type Code,
  call,
  fillBytes,
  get,
  i32,
  type Local,
  loopWhile,
  type ModuleWriter,
  type Routine,
  returnValue,
  select,
  seq,
  set,
  when,
} from './wasm.ts';

/** One form of points. */
export interface BulkForm {
  readonly recordBytes: number;
  readonly pointBytes: number;
  readonly addPairs: Routine;
  readonly copyEntry: Routine;
  /** (sum in XYZZ coordinates, point) */
  readonly addPoint: Routine;
  setInfinity(point: Code): Code;
}

/** Words of the frame that tells both routines where to work: see `SumWork`. */
const frame = { pairs: 0, gathered: 1, sums: 2, starts: 3, counts: 4, extras: 5, active: 6 } as const;
export const frameWords = 7;
/** Additions that share one inversion. */
const batchPairs = 4096;
/** Fewer buckets than this are summed one by one. */
const fewBuckets = 256;

const at = (address: Code, offset: Code): Code => i32.add(address, offset);
const word = (array: Local, index: Code): Code => i32.add(get(array), i32.shl(index, i32.const(2)));
const increase = (local: Local, by: number): Code => set(local, i32.add(get(local), i32.const(by)));
/** Body for local = 0 … limit − 1; limit ≥ 1. */
const count = (local: Local, limit: Code, body: Code): Code =>
  seq(set(local, i32.const(0)), loopWhile(seq(body, increase(local, 1)), i32.ltU(get(local), limit)));

/** Exports, with the name in front, `AddToBuckets` and `SumBuckets` as `BulkRoutines` in kernel.ts has them. */
export function makeBucketKernels(module: ModuleWriter, slots: Slots, name: string, form: BulkForm, group: GroupCode): void {
  const { pointBytes, recordBytes } = form;
  const points = (index: Code): Code => i32.mul(index, i32.const(pointBytes));
  const load = (local: Local, part: keyof typeof frame, from: Local): Code => set(local, i32.load(get(from), 4 * frame[part]));

  /** out_i of pairs from `pairs` up to `end`, in batches: pairs, end, out. */
  const addAll = module.routine(null, 3, null, (scope) => {
    const size = scope.local('i32');
    return seq(
      when(
        i32.ltU(get(0), get(1)),
        loopWhile(
          seq(
            set(size, i32.shrU(i32.sub(get(1), get(0)), i32.const(3))),
            set(size, select(i32.ltU(get(size), i32.const(batchPairs)), get(size), i32.const(batchPairs))),
            call(form.addPairs, get(0), get(2), get(size)),
            set(0, at(get(0), i32.shl(get(size), i32.const(3)))),
            set(2, at(get(2), points(get(size)))),
          ),
          i32.ltU(get(0), get(1)),
        ),
      ),
    );
  });

  /** Sorts the chunk into `gathered`; starts, counts and active describe it. Returns the number of active buckets. Parameters as `AddToBuckets`. */
  const gather = module.routine(null, 7, 'i32', (scope) => {
    const [i, digit, sign, bucket, address] = scope.locals('i32', 5) as [Local, Local, Local, Local, Local];
    const [starts, counts, cursors, active, next, size] = scope.locals('i32', 6) as [Local, Local, Local, Local, Local, Local];
    const eachDigit = (body: Code): Code =>
      count(
        i,
        get(2),
        seq(
          set(digit, i32.load16(at(get(1), i32.shl(get(i), i32.const(1))))),
          when(
            get(digit),
            seq(
              set(sign, i32.shrS(get(digit), i32.const(31))),
              // |digit| − 1
              set(bucket, i32.shl(i32.sub(i32.sub(i32.xor(get(digit), get(sign)), get(sign)), i32.const(1)), i32.const(2))),
              body,
            ),
          ),
        ),
      );
    return seq(
      load(starts, 'starts', 6),
      load(counts, 'counts', 6),
      load(cursors, 'extras', 6),
      load(active, 'active', 6),
      load(next, 'gathered', 6),
      fillBytes(get(counts), 0, i32.shl(get(3), i32.const(2))),
      eachDigit(seq(set(address, at(get(counts), get(bucket))), i32.store(get(address), i32.add(i32.load(get(address)), i32.const(1))))),
      count(
        i,
        get(3),
        seq(
          set(size, i32.load(word(counts, get(i)))),
          when(
            get(size),
            seq(
              i32.store(word(starts, get(i)), get(next)),
              i32.store(get(active), get(i)),
              increase(active, 4),
              set(address, get(next)),
              when(
                i32.load8(at(get(5), get(i))),
                seq(
                  call(form.copyEntry, get(next), at(get(4), points(get(i)))),
                  increase(address, pointBytes),
                  increase(size, 1),
                  i32.store(word(counts, get(i)), get(size)),
                ),
              ),
              i32.store(word(cursors, get(i)), get(address)),
              set(next, at(get(next), points(get(size)))),
            ),
          ),
        ),
      ),
      eachDigit(
        seq(
          set(bucket, at(get(cursors), get(bucket))),
          set(address, i32.load(get(bucket))),
          call(form.copyEntry, get(address), i32.or(at(get(0), i32.mul(get(i), i32.const(recordBytes))), i32.and(get(sign), i32.const(1)))),
          i32.store(get(bucket), at(get(address), i32.const(pointBytes))),
        ),
      ),
      fillBytes(get(cursors), 0, i32.shl(get(3), i32.const(2))),
      i32.shrU(i32.sub(get(active), i32.load(get(6), 4 * frame.active)), i32.const(2)),
    );
  });

  // records, digits, count, bucketCount, buckets, flags, frame
  module.routine(`${name}AddToBuckets`, 7, null, (scope) => {
    const [starts, counts, extras, active, pairs] = scope.locals('i32', 5) as [Local, Local, Local, Local, Local];
    const [left, kept, a, b, n, s, x, end] = scope.locals('i32', 8) as [Local, Local, Local, Local, Local, Local, Local, Local];
    const [pair, out, firstOut] = scope.locals('i32', 3) as [Local, Local, Local];
    const addPair = (first: Code, second: Code): Code =>
      seq(i32.store(get(pair), first), i32.store(get(pair), second, 4), increase(pair, 8), increase(out, pointBytes));
    const round = count(
      a,
      get(left),
      seq(
        set(b, i32.shl(i32.load(word(active, get(a))), i32.const(2))),
        set(n, i32.load(at(get(counts), get(b)))),
        set(x, i32.load(at(get(extras), get(b)))),
        set(s, i32.load(at(get(starts), get(b)))),
        when(
          i32.or(i32.gtU(get(n), i32.const(1)), get(x)),
          seq(
            i32.store(at(get(starts), get(b)), get(out)),
            set(end, at(get(s), points(i32.and(get(n), i32.const(-2))))),
            when(
              i32.ltU(get(s), get(end)),
              loopWhile(seq(addPair(get(s), at(get(s), i32.const(pointBytes))), increase(s, 2 * pointBytes)), i32.ltU(get(s), get(end))),
            ),
            when(
              i32.and(get(n), i32.const(1)),
              when(get(x), seq(addPair(get(s), get(x)), set(x, i32.const(0)), increase(n, 1)), set(x, get(s))),
            ),
            set(n, i32.shrU(get(n), i32.const(1))),
            i32.store(at(get(counts), get(b)), get(n)),
            i32.store(at(get(extras), get(b)), get(x)),
            when(
              i32.or(i32.gtU(get(n), i32.const(1)), get(x)),
              seq(i32.store(word(active, get(kept)), i32.shrU(get(b), i32.const(2))), increase(kept, 1)),
            ),
          ),
        ),
      ),
    );
    return seq(
      set(left, call(gather, ...Array.from({ length: 7 }, (_, i) => get(i)))),
      when(i32.eqz(get(left)), returnValue()),
      load(starts, 'starts', 6),
      load(counts, 'counts', 6),
      load(extras, 'extras', 6),
      load(active, 'active', 6),
      load(pairs, 'pairs', 6),
      load(out, 'sums', 6),
      loopWhile(
        seq(
          set(pair, get(pairs)),
          set(firstOut, get(out)),
          set(kept, i32.const(0)),
          round,
          call(addAll, get(pairs), get(pair), get(firstOut)),
          set(left, get(kept)),
        ),
        get(left),
      ),
      count(
        b,
        get(3),
        when(
          i32.load(word(counts, get(b))),
          seq(
            call(form.copyEntry, at(get(4), points(get(b))), i32.load(word(starts, get(b)))),
            i32.store8(at(get(5), get(b)), i32.const(1)),
          ),
        ),
      ),
    );
  });

  const running = slots.take(4 * group.sizeBytes);
  const noSum = (address: Code): Code => fillBytes(address, 0, i32.const(4 * group.sizeBytes));
  // out += Σ (b + 1) · bucket_b, one by one: buckets, flags, count, out.
  const sumFew = module.routine(null, 4, null, (scope) => {
    const p = scope.local('i32');
    return seq(
      set(p, running),
      noSum(get(p)),
      loopWhile(
        seq(
          increase(2, -1),
          when(i32.load8(at(get(1), get(2))), call(form.addPoint, get(p), at(get(0), points(get(2))))),
          call(group.addSum, get(3), get(p)),
        ),
        get(2),
      ),
    );
  });
  // buckets, flags, count (a power of two), out, frame
  module.routine(`${name}SumBuckets`, 5, null, (scope) => {
    const [i, segments, length, pairs, step, r0, r1, a0, a1, swap, p] = scope.locals('i32', 11) as [
      ...[Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local],
    ];
    /** Bucket `step` of segment i. */
    const bucket = at(get(0), points(i32.add(i32.mul(get(i), get(length)), get(step))));
    const pair = (first: Code, second: Code): Code =>
      seq(
        i32.store(at(get(pairs), i32.shl(get(i), i32.const(3))), first),
        i32.store(at(get(pairs), i32.shl(get(i), i32.const(3))), second, 4),
      );
    const element = (array: Local): Code => at(get(array), points(get(i)));
    const room = points(i32.add(get(segments), i32.const(1)));
    const exchange = (x: Local, y: Local): Code => seq(set(swap, get(x)), set(x, get(y)), set(y, get(swap)));
    return seq(
      noSum(get(3)),
      when(i32.ltU(get(2), i32.const(fewBuckets)), seq(call(sumFew, get(0), get(1), get(2), get(3)), returnValue())),
      count(i, get(2), when(i32.eqz(i32.load8(at(get(1), get(i)))), form.setInfinity(at(get(0), points(get(i)))))),
      // 64 … 512 segments.
      set(segments, i32.shrU(get(2), i32.const(5))),
      set(segments, select(i32.ltU(get(segments), i32.const(64)), i32.const(64), get(segments))),
      set(segments, select(i32.ltU(get(segments), i32.const(512)), get(segments), i32.const(512))),
      set(length, i32.divU(get(2), get(segments))),
      load(pairs, 'pairs', 4),
      load(r0, 'gathered', 4),
      set(r1, at(get(r0), room)),
      set(a0, at(get(r1), room)),
      set(a1, at(get(a0), room)),
      set(step, i32.sub(get(length), i32.const(1))),
      count(i, get(segments), seq(call(form.copyEntry, element(r0), bucket), call(form.copyEntry, element(a0), bucket))),
      loopWhile(
        seq(
          increase(step, -1),
          count(i, get(segments), pair(element(r0), bucket)),
          call(form.addPairs, get(pairs), get(r1), get(segments)),
          count(i, get(segments), pair(element(a0), element(r1))),
          call(form.addPairs, get(pairs), get(a1), get(segments)),
          exchange(r0, r1),
          exchange(a0, a1),
        ),
        get(step),
      ),
      // Σ i · R_i, times the length, and Σ A_i.
      set(p, running),
      noSum(get(p)),
      set(i, i32.sub(get(segments), i32.const(1))),
      loopWhile(seq(call(form.addPoint, get(p), element(r0)), call(group.addSum, get(3), get(p)), increase(i, -1)), get(i)),
      loopWhile(seq(call(group.double, get(3)), set(length, i32.shrU(get(length), i32.const(1)))), i32.gtU(get(length), i32.const(1))),
      count(i, get(segments), call(form.addPoint, get(3), element(a0))),
    );
  });
}
