/**
 * Files that NumPy 2.4.6 wrote, deflated by zlib and in base64. Made by this script (Python 3):
 *
 *   def npy(a, **k): b = io.BytesIO(); np.save(b, a, **k); return b.getvalue()
 *   bool npy(np.array([True, False, True]))                uint8 npy(np.array([[0, 255], [7, 8]], np.uint8))       int8 npy(np.array([-128, 127], np.int8))
 *   uint16, int16, uint32 npy(np.array([LIMIT], dtype))    int32 npy(np.array([-2**31, 5], np.int32))              uint64 npy(np.array([2**64-1], np.uint64))
 *   int64 npy(np.array([-2**63, 3]))                       float16 npy(np.array([1.5, -0.0], np.float16))          float64 npy(np.array(0.1))
 *   float32 npy(np.array([[0.1, np.nan, -np.inf]], np.float32))        empty npy(np.zeros((2, 0, 3), np.float32))
 *   bigEndian npy(np.array([[1, -2, 3]], '>i4'))           fortran npy(np.asfortranarray(np.arange(24, dtype=np.uint8).reshape(2, 3, 4)))
 *   object npy(np.array([{}], object), allow_pickle=True)  structured npy(np.zeros(2, [('a', 'i4'), ('b', 'f4')]))
 *   complex npy(np.zeros(1, complex))                      string npy(np.array(['ab']))
 *   version2 np.lib.format.write_array(b, np.array([1, 2], np.uint8), version=(2, 0))
 *   savez np.savez(b, image=np.arange(4, dtype=np.uint8).reshape(1, 4), **{'a/b': np.array([1.5], np.float32)})
 *   savezCompressed np.savez_compressed(b, zeros=np.zeros((4, 4000), np.uint8), ramp=np.arange(5))
 *   zip64 with zipfile.ZIP64_LIMIT = 10 and ZIP_FILECOUNT_LIMIT = 0, written to an unseekable file (data descriptor, ZIP64 end record):
 *         zipfile.ZipFile(w, 'w').open('x.npy', 'w', force_zip64=True).write(npy(np.array([1, 2, 3], np.int16)))
 */
import { unzlibSync } from 'fflate';

const deflated = {
  bool: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBek2SorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RrGOpo6CrUKFAAuRgZGAL1yG5U=',
  uint8: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgpGmjoKtQpkAy6G/+wcAOfbHMU=',
  int8: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBek2morqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFACuhnoApgkcmA==',
  uint16: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuU2qkrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFACu//8BkX0dYw==',
  int16: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mkrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFAAuhgYAifAb2Q==',
  uint32: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuU2qirqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFACu/0AAANAaH2M=',
  int32: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mirqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBgaGBlYgAQAxVhvh',
  uint64: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuU2qhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFACu/1AAAFlvI2M=',
  int64: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBghoYIYyABAtG+M=',
  float16: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2akrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBjuGBgDAWRwV',
  float32: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOgrGmjoKtQpkA66zZ87YMjAcqGdgaPgPAMS4IMs=',
  float64: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqaOgq1ChQBrlkzQWCnPQA8yB/O',
  empty: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgoGOgrGmjoKtQrkAS4AW9YbiA==',
  bigEndian: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBul2mirqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOgrGmjoKtQpkAy4GBgbG/////wPSzAC7fh9v',
  fortran:
    'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChIPKSpNBQoXZyQWpAK5GkY6CsY6CiaaOgq1CmQCLgYeFgEOEUZeVkFOUSY+NiEuMWZ+dmFucQAWYBzB',
  object:
    'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBe46+uo6Cell9UUpSYF59flJIKEnZLzClOBYoXZyQWpAL5GoY6mjoKtQqUAK4GlqndDBDQI5ZXmltQqRefnF+UqpdbmlOSmVhUlFg5pYcnvig1OT+vuKSoNLlkyuQpPaxglVN62PNSIEomT/FmaJ3izJg0pX1K0BQNb0ZvxtYpGcw9rCkllQWpIC1M/hZTOjsgssw9jDVT/Pz8vP4DAZjwti+ZktQZO6V2SiKQoQcADntZSg==',
  structured:
    'eNqb7BfqGxDJyFDGUK2eklqcXKRupRCtoZ6orqOgbpNpoq6po6ChngTmpQF5sUBGWn5RSVFiXnx+UUoqSLlbYk5xKlC8OCOxIBXI1zDSAeqqVSAGcDGgAQAktR09',
  complex: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuk2xopq6joJ6WX1RSlJgXn1+UkgqScEvMKU4FihdnJBakAvkahjqaOgq1CuQDLgY0AAAHzhto',
  string: 'eNqb7BfqGxDJyFDGUK2eklqcXKRupaBuE2qkrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUKFACuRAYGhiQgBgApPRwI',
  version2: 'eNqb7BfqGxDJxFDCwMBQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQpkAy5GJgB2mBtn',
  savez:
    'eNoL8GZm0WWAAEWGFYJSz/5DASeDCENmbmJ6ql5eQSUjgwBDC1QZjJ7sF+obEMnIUMZQrZ6SWpxcpG6loF5Taqiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GoY6CiaaOgq1CmQDLgZGJuYAFOeHVOo1w5zPDnR+on4SSY63STMh0vGUOR3keIYD9gHejEy6zKih3wJ1IycDAjQwgkh4XKBrA/kapo0dRdt+IAkNgwBvVjaQIBMQ5gDpGrCZAGkWZmY=',
  savezCompressed:
    'eNoL8GZm0WVgYOAAYkWGLO1VYv+hgJNBhKEqtSi/WC+voJKRQYCBwZ4BDIogFMPbE4Z8BwMYGh5GzX2U27/EWXWuzAG3XRI+l14IN6/Yk3RQMyYi9uCf2tv/681ul26eLdL/SHK3iUxRTNuPXfpJko82nt9+J+5b7btL79ff+jzhmP2cW9lS1WHTF65blRXXVv7j/BYGVNBwUTwAxbGny+euhDmWA+jYosTcAphbV0A1BULp2W/EX0kLnDwRcCxg7bxJUXNiluQtXZA3OXPhusUL5k2LDwmaMkN8fvyUSVxC5d5nNP1Yu8TTVcSWMP2UWmY1y4prK5cIgx6bRkLLJZ+AWZJemx0yGQK8GZl0mVFDDhwwwEDiRHY1I4iEhyO6NpAfQG5cARVBaFsLCmmojwK8WdlAokxAmAukLcCGAgAP4oiA',
  zip64:
    'eNoL8GZm0WXgYAABRTD5HwpYGUQYKvTyCioZGQQY0MFkv1DfgEhGhjKGavWU1OLkInUrBXWbTCN1HQX1tPyikqLEvPj8opRUkLhbYk5xKlC8OCOxIBXI1zDW0dRRqFWgAHAxMjAxMDMEeLNzJDQxTGyDugpGB3gzMukyI7wFUoPsLRhoYASRcE9iGsPGpgNl6wIhDDCi0e5Q+ipCHzuIlmFEqAvwZmWDsBnB6iFqATqmPLk=',
} as const;

export type NumpyFile = keyof typeof deflated;

export function numpyFile(name: NumpyFile): Uint8Array {
  return unzlibSync(Buffer.from(deflated[name], 'base64'));
}
