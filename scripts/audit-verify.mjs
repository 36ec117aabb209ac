// `npm run audit:verify`: checks the chains of the audit trail in DATABASE_URL, and ends with 1 when a row was changed, taken
// out or moved. `npm run audit:verify -- PROJECT:SEQ:HASH ...`: also that these are the hashes at these places, as the log of
// the workers has them ("the audit trail is sealed so far"): only that shows a chain that was made anew, or cut off, as a whole.
import { readAnchor, verifyAudit } from '../dist/store/audit-chain.js';
import { openDatabase } from '../dist/store/database.js';

const { DATABASE_URL: url } = process.env;
let db;
try {
  if (!url) throw new Error('DATABASE_URL is missing: set it to the database whose audit trail is to be checked.');
  const anchors = process.argv.slice(2).map(readAnchor);
  db = openDatabase({ url, maxConnections: 2, applicationName: 'carillon-audit-verify' });
  for (const { projectId, rows, fault } of await verifyAudit(db, anchors)) {
    if (fault) process.exitCode = 1;
    const found = fault
      ? `row ${fault.seq} is ${fault.what === 'missing' ? 'missing' : 'not as it was sealed'}`
      : 'whole';
    console.log(`${projectId}  ${rows} rows  ${found}`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await db?.close();
}
