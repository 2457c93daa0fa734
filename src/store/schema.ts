/**
 * The index's tables, documented for people in docs/lineage-schema.md. One entry a version, applied in
 * order; a published entry is never edited. All of it can be rebuilt from the folders.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE objects (
    fingerprint TEXT PRIMARY KEY,
    stage TEXT NOT NULL,
    step_id TEXT NOT NULL,
    code TEXT NOT NULL,
    seed TEXT,
    engine TEXT,
    parameters TEXT NOT NULL,
    state TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    resumed_from TEXT,
    host TEXT NOT NULL,
    started_at TEXT NOT NULL,
    duration_ms REAL NOT NULL,
    published_at TEXT NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX objects_by_stage ON objects (stage);

  CREATE TABLE codes (digest TEXT PRIMARY KEY, modules TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE outputs (
    fingerprint TEXT NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, path)
  ) WITHOUT ROWID;
  CREATE INDEX outputs_by_digest ON outputs (digest);

  CREATE TABLE inputs (
    fingerprint TEXT NOT NULL,
    input TEXT NOT NULL,
    member INTEGER NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    point TEXT,
    upstream TEXT,
    PRIMARY KEY (fingerprint, input, member, path)
  ) WITHOUT ROWID;
  CREATE INDEX inputs_by_digest ON inputs (digest);
  CREATE INDEX inputs_by_upstream ON inputs (upstream);

  CREATE TABLE sources (
    fingerprint TEXT NOT NULL,
    parameter TEXT NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (fingerprint, parameter, path)
  ) WITHOUT ROWID;
  CREATE INDEX sources_by_digest ON sources (digest);

  CREATE TABLE metrics (
    fingerprint TEXT NOT NULL,
    name TEXT NOT NULL,
    split TEXT NOT NULL,
    value REAL NOT NULL,
    better TEXT NOT NULL,
    PRIMARY KEY (fingerprint, name, split)
  ) WITHOUT ROWID;

  CREATE TABLE runs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    pipeline TEXT NOT NULL,
    file TEXT NOT NULL,
    text_digest TEXT NOT NULL,
    points TEXT NOT NULL,
    engine TEXT NOT NULL,
    versions TEXT NOT NULL,
    process TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    duration_ms REAL,
    total INTEGER NOT NULL DEFAULT 0,
    executed INTEGER NOT NULL DEFAULT 0,
    reused INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    steps_digest TEXT,
    steps_of INTEGER
  );

  CREATE TABLE run_steps (
    run_seq INTEGER NOT NULL,
    step_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    key TEXT NOT NULL,
    stage TEXT NOT NULL,
    point TEXT NOT NULL,
    params TEXT,
    fingerprint TEXT,
    verdict TEXT NOT NULL,
    reasons TEXT NOT NULL,
    failure TEXT,
    message TEXT,
    attempt TEXT,
    duration_ms REAL,
    PRIMARY KEY (run_seq, step_id)
  ) WITHOUT ROWID;
  CREATE INDEX run_steps_by_key ON run_steps (key, step_id, run_seq);
  CREATE INDEX run_steps_by_fingerprint ON run_steps (fingerprint);

  CREATE TABLE attempts (
    id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    step_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT NOT NULL,
    failure TEXT
  ) WITHOUT ROWID;
  CREATE INDEX attempts_by_fingerprint ON attempts (fingerprint);

  CREATE TABLE entries (
    fingerprint TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE source_cache (
    place TEXT PRIMARY KEY,
    files TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE folder_stamps (
    folder TEXT PRIMARY KEY,
    stamp TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE runs ADD COLUMN sweep TEXT;
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** 'clad': tells our file from any other SQLite database. */
export const APPLICATION_ID = 0x636c6164;
