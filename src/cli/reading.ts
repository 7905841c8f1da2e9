// `reading`: saved readings, listed, shown and exported.

import { parseVerb, required, usageError, type Verb } from './verb.ts';

export const verb: Verb = {
  summary: 'List, show or export saved readings',
  usage: `
reading-room reading list <folder>... [--json]
reading-room reading show <reading> [--json]
reading-room reading export-html <reading> --out <file.html>

<reading> is the folder of a reading or its reading.json.`,
  async run(args, cli) {
    const { values, positionals } = parseVerb('reading', args, { out: { type: 'string' }, json: { type: 'boolean', default: false } });
    const [what, ...paths] = positionals;
    const engine = await cli.engine();
    switch (what) {
      case 'list': {
        const readings = await engine.listReadings(paths.length === 0 ? ['.'] : paths);
        if (values.json) return cli.json(readings);
        for (const reading of readings) cli.print(`${reading.path}: ${reading.headline}`);
        return;
      }
      case 'show': {
        const { readingId, reading } = await engine.openReading(required('reading', '<reading>', paths[0]));
        await engine.closeReading(readingId);
        return values.json ? cli.json(reading) : cli.print(reading.text);
      }
      case 'export-html': {
        const out = required('reading', '--out', values.out);
        await engine.exportHtml(required('reading', '<reading>', paths[0]), out);
        return values.json ? cli.json({ out }) : cli.print(out);
      }
      default:
        throw usageError('reading', "say 'list', 'show' or 'export-html'");
    }
  },
};
