import assert from 'node:assert/strict';
import { contains, isScanFile, readingName, sameScan, scanName } from '../../../src/extension/paths.ts';

describe('paths of scans', () => {
  it('tells scans from label maps and other files', () => {
    assert.deepEqual(['/a/x.nii', '/a/x.nii.gz', '/a/1.DCM', '/a/x-labels.nii.gz', '/a/x.json', '/a/x.gz'].map(isScanFile), [true, true, true, false, false, false]);
  });

  it('takes the files of one DICOM folder and the folder for one scan', () => {
    assert.equal(sameScan('/s/1.dcm', '/s/2.dcm'), true);
    assert.equal(sameScan('/s', '/s/2.dcm'), true);
    assert.equal(sameScan('/s/1.dcm', '/t/1.dcm'), false);
    assert.equal(sameScan('/s/a.nii', '/s/b.nii'), false);
    assert.equal(sameScan('/s/a.nii', '/s'), false);
  });

  it('does not take a neighbour with the same beginning for a part', () => {
    assert.equal(contains('/a/readings', '/a/readings/x'), true);
    assert.equal(contains('/a/readings', '/a/readings-2/x'), false);
    assert.equal(contains('/a/readings', '/a'), false);
  });

  it('names readings by scan, bundle and time, without characters that paths do not bear', () => {
    assert.equal(readingName('/d/ct 01.nii.gz', '/m/brain ct/v:1', new Date(2026, 0, 2, 3, 4, 5)), 'ct-01-v-1-20260102-030405');
    assert.equal(scanName('/d/series.7'), 'series.7');
  });
});
