// Checks JSON against a JSON Schema (draft 7) and says in one sentence what is wrong: file, field, expectation. Defaults in
// the schema are filled into the value. Schemas are compiled once (ajv) and kept.

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { RoomError } from '../protocol/error.ts';

const ajv = new Ajv({ allErrors: true, useDefaults: true, allowUnionTypes: true, strictRequired: false, strictTypes: false, strictTuples: false });
const compiled = new WeakMap<object, ValidateFunction>();

/** Throws 'invalid' that names the file and each wrong field (at most four). */
export function checkSchema(schema: Readonly<Record<string, unknown>>, value: unknown, file: string): void {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return;
  const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'if');
  const lines = [...new Set(errors.map(describe))];
  const more = lines.length > 4 ? `; and ${lines.length - 4} more` : '';
  throw new RoomError('invalid', `${file}: ${lines.slice(0, 4).join('; ')}${more}`, 'Mend the fields named here; the JSON Schema describes each of them.');
}

function describe(error: ErrorObject): string {
  const field = fieldName(error.instancePath);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return `field '${join(field, String(params['missingProperty']))}' is missing`;
    case 'additionalProperties':
      return `field '${join(field, String(params['additionalProperty']))}' is not known`;
    case 'enum':
      return `field '${field}' must be one of ${(params['allowedValues'] as unknown[]).map((v) => JSON.stringify(v)).join(', ')}`;
    case 'const':
      return `field '${field}' must be ${JSON.stringify(params['allowedValue'])}`;
    default:
      return `field '${field === '' ? '(whole file)' : field}' ${error.message ?? 'is wrong'}`;
  }
}

function fieldName(pointer: string): string {
  return pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
}

function join(field: string, name: string): string {
  return field === '' ? name : `${field}.${name}`;
}
