// The package ships no types at the place its manifest names.
declare module 'jpeg-lossless-decoder-js' {
  export class Decoder {
    constructor(buffer?: ArrayBuffer | null, bytesPerComponent?: number);
    decode(buffer: ArrayBuffer, offset: number, length: number, bytesPerComponent?: number): Uint8Array | Uint16Array | null;
  }
}
