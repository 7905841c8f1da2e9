// Mocha's spec reporter that also writes {passed, failed, pending} to the file named by READING_ROOM_RESULTS, so that
// scripts/test.mjs can add up suites that ran in different processes.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

const { EVENT_RUN_END } = Mocha.Runner.constants;

export default class Reporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(process.env.READING_ROOM_RESULTS, JSON.stringify({ passed: passes, failed: failures, pending }));
    });
  }
}
