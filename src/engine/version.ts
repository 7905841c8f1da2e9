// Versions that readings, runs and `hello` record, so that a result can be traced to the code that made it.

import manifest from '../../package.json' with { type: 'json' };

export const version: string = manifest.version;

export function versions(): Record<string, string> {
  return {
    'reading-room': version,
    'onnxruntime-node': manifest.dependencies['onnxruntime-node'].replace(/^\^/, ''),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  };
}
