// The graph language: ONNX as plain data plus a builder. Values have a name, an element type and a static shape that is
// inferred while the graph grows; a negative dimension is a symbol (see `symbol`), for the few graphs whose length varies.
// Parameters are declared once by name with their initialiser; whether they become graph inputs (training) or initializers
// (shipping) is decided when the graph is written, so the graph that trains is the graph that ships.

import { RoomError } from '../protocol/error.ts';
import type { DType, Tensor } from './runtime.ts';
import { inferNode } from './shape.ts';
import { elementCount, tensorOf } from './tensor.ts';

export interface Value {
  readonly name: string;
  readonly dtype: DType;
  /** Row-major dims; a negative number is a symbol of the graph. */
  readonly shape: readonly number[];
}

/** ONNX attribute: number = int, number[] = ints, string; floats and tensors are wrapped; `raw` is carried unread. */
export type Attribute = number | readonly number[] | string | { float: number } | { floats: readonly number[] } | { tensor: Tensor } | { raw: unknown };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  op: string;
  domain: string;
  /** Name; unique in the graph. */
  name: string;
  /** Value names; '' marks an absent optional input. */
  inputs: string[];
  outputs: string[];
  attributes: Attributes;
  /** The mark of `detach`: gradients stop here. */
  detach?: boolean;
}

/** How a parameter starts. `normal` has the given standard deviation, truncated at two of them. */
export type Init = 'zeros' | 'ones' | { normal: number } | { uniform: number } | { tensor: Tensor };

export interface Param {
  value: Value;
  init: Init;
  /** Weight decay applies (default: to tensors of two or more dims). */
  decay: boolean;
}

/** A gradient rule that replaces the rules of the nodes inside a composite (as JAX's custom_vjp does). */
export interface CustomVjp {
  inputs: readonly Value[];
  /** Gradient of the composite's output -> gradients of `inputs`, undefined where none flows. */
  vjp: (g: Graph, dy: Value) => (Value | undefined)[];
}

export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly values = new Map<string, Value>();
  readonly initializers = new Map<string, Tensor>();
  readonly params = new Map<string, Param>();
  /** Named intermediate values that a reader may ask for. */
  readonly taps = new Map<string, Value>();
  readonly customVjps = new Map<string, CustomVjp>();
  readonly symbols: string[] = [];
  /** Element type of parameters and of `scalar`. float64 exists for gradient checks. */
  readonly dtype: 'float32' | 'float64';
  readonly name: string;
  opset = 20;
  private readonly path: string[] = [];
  private counter = 0;
  private readonly constants = new Map<string, Value>();

  constructor(options: { name?: string; dtype?: 'float32' | 'float64' } = {}) {
    this.name = options.name ?? 'graph';
    this.dtype = options.dtype ?? 'float32';
  }

  /** A named dimension whose size is known only when the graph runs. */
  symbol(name: string): number {
    const at = this.symbols.indexOf(name);
    if (at >= 0) return -1 - at;
    this.symbols.push(name);
    return -this.symbols.length;
  }

  /** A graph input that is fed at each run. */
  input(name: string, dtype: DType, shape: readonly number[]): Value {
    const value = this.declare({ name, dtype, shape });
    this.inputs.push(value);
    return value;
  }

  /** Everything named inside `body` gets `name.` in front, the way module paths work in Hugging Face weights. */
  scope<T>(name: string, body: () => T): T {
    this.path.push(name);
    try {
      return body();
    } finally {
      this.path.pop();
    }
  }

  /** The full name of `name` in the current scope. */
  scoped(name: string): string {
    return [...this.path, name].join('.');
  }

  /** A trainable tensor. Asking twice for one name gives the same value (weight tying); the shapes must agree. */
  param(name: string, shape: readonly number[], init: Init, options: { decay?: boolean } = {}): Value {
    const full = this.scoped(name);
    const known = this.params.get(full);
    if (known) {
      if (known.value.shape.join() !== shape.join())
        throw new RoomError('invalid', `Parameter ${full} is declared as [${known.value.shape}] and as [${shape}].`, 'Use one shape per parameter name.');
      return known.value;
    }
    const value = this.declare({ name: full, dtype: this.dtype, shape: [...shape] });
    this.params.set(full, { value, init, decay: options.decay ?? shape.length >= 2 });
    return value;
  }

  /** A constant tensor; equal small constants are shared. */
  constant(tensor: Tensor, name?: string): Value {
    const count = elementCount(tensor.dims);
    const key = name === undefined && count <= 64 ? `${tensor.dtype}[${tensor.dims}]${tensor.data.join()}` : undefined;
    const known = key === undefined ? undefined : this.constants.get(key);
    if (known) return known;
    const value = this.declare({ name: name ?? this.fresh('const'), dtype: tensor.dtype, shape: [...tensor.dims] });
    this.initializers.set(value.name, tensor);
    if (key !== undefined) this.constants.set(key, value);
    return value;
  }

  /** A 0-d constant of the graph's (or the given) type. */
  scalar(x: number, dtype: DType = this.dtype): Value {
    return this.constant(tensorOf(dtype, [], [x]));
  }

  /** A 1-d int64 constant (shapes, axes, indices). */
  ints(list: readonly number[]): Value {
    return this.constant(tensorOf('int64', [list.length], list));
  }

  /** Appends a node, inferring types and shapes of its outputs. */
  node(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}, outputs = 1, domain = ''): Value[] {
    const name = this.fresh(op);
    const node: Node = { op, domain, name, inputs: inputs.map((v) => v?.name ?? ''), outputs: [], attributes };
    const types = inferNode(node, inputs, outputs, this);
    const values = types.slice(0, outputs).map((t, i) => this.declare({ name: outputs === 1 ? `${name}_out` : `${name}_out${i}`, ...t }));
    node.outputs = values.map((v) => v.name);
    this.nodes.push(node);
    return values;
  }

  /** `node` with one output. */
  op(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes = {}): Value {
    return this.node(op, inputs, attributes, 1)[0]!;
  }

  /** `op` whose type is given: for sizes that are computed when the graph runs. */
  typed(op: string, inputs: readonly (Value | undefined)[], attributes: Attributes, type: { dtype: DType; shape: readonly number[] }): Value {
    const name = this.fresh(op);
    const value = this.declare({ name: `${name}_out`, ...type });
    this.nodes.push({ op, domain: '', name, inputs: inputs.map((v) => v?.name ?? ''), outputs: [value.name], attributes });
    return value;
  }

  /** The same value, with a mark at which gradients stop. Runs as Identity, which ONNX Runtime removes. */
  detach(x: Value): Value {
    const y = this.op('Identity', [x]);
    this.nodes[this.nodes.length - 1]!.detach = true;
    return y;
  }

  /** Replaces the gradient rule of everything between `inputs` and `y`. Foreign graphs do not carry it. */
  custom(y: Value, inputs: readonly Value[], vjp: CustomVjp['vjp']): Value {
    this.customVjps.set(y.name, { inputs, vjp });
    return y;
  }

  /** Names an intermediate value; the name is scoped. */
  tap(name: string, value: Value): Value {
    this.taps.set(this.scoped(name), value);
    return value;
  }

  /** Makes `value` a graph output called `name` (not scoped). */
  output(name: string, value: Value): Value {
    let out = value;
    if (value.name !== name) {
      out = this.declare({ name, dtype: value.dtype, shape: value.shape });
      this.nodes.push({ op: 'Identity', domain: '', name: this.fresh('Output'), inputs: [value.name], outputs: [name], attributes: {} });
    }
    this.outputs.push(out);
    return out;
  }

  get(name: string): Value {
    const value = this.values.get(name);
    if (!value) throw new RoomError('not-found', `Graph ${this.name} has no tensor named ${name}.`, 'List the tensors of the graph and choose one of them.');
    return value;
  }

  /** Small integer constants that are known at build time (shapes, axes). */
  knownInts(name: string): number[] | undefined {
    const tensor = this.initializers.get(name);
    if (!tensor || (tensor.dtype !== 'int64' && tensor.dtype !== 'int32')) return undefined;
    return Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  }

  declare(value: Value): Value {
    if (this.values.has(value.name)) throw new RoomError('invalid', `Graph ${this.name} names two tensors ${value.name}.`, 'Give each tensor its own name.');
    this.values.set(value.name, value);
    return value;
  }

  fresh(stem: string): string {
    const path = this.path.join('.');
    for (;;) {
      const name = `${path === '' ? '' : `${path}/`}${stem}_${this.counter++}`;
      if (!this.values.has(name)) return name;
    }
  }
}

/** Node names of the mark in a file; a file that carries them is detached again when read. */
export const DETACH_PREFIX = 'detach:';
