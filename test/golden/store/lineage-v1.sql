-- An index of version 1 as clade wrote it, the names of the machine replaced: made once, never edited. Two runs of two
-- points; the second stands on the rows of the first.
BEGIN TRANSACTION;
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
INSERT INTO "attempts" VALUES('20261123-204541-0794-1-000749cf2d66765e','20261123-204541-0794','make@word=ant','000749cf2d66765e5def1407f0e28339d0d71a6073298680758a0be86e425750','2026-11-23T20:45:41.132Z','2026-11-23T20:45:41.355Z','published',NULL);
INSERT INTO "attempts" VALUES('20261123-204541-0794-1-04ab0dd124cc13be','20261123-204541-0794','make@word=bee','04ab0dd124cc13be6101ae460f094db7cf8af9afe0852bdad29729e275f82e6a','2026-11-23T20:45:41.137Z','2026-11-23T20:45:41.345Z','published',NULL);
INSERT INTO "attempts" VALUES('20261123-204541-0794-1-1bb14893472a7272','20261123-204541-0794','count@word=ant','1bb14893472a7272fa666dbaa2c39d9ba28f0748820e5010bfc09610ecd93ac4','2026-11-23T20:45:41.360Z','2026-11-23T20:45:41.378Z','published',NULL);
INSERT INTO "attempts" VALUES('20261123-204541-0794-1-9c74c3b5496bd45f','20261123-204541-0794','count@word=bee','9c74c3b5496bd45f7ddfe5dcd96581450d16d932129296b5c44966bae24f7c17','2026-11-23T20:45:41.352Z','2026-11-23T20:45:41.366Z','published',NULL);
CREATE TABLE codes (digest TEXT PRIMARY KEY, modules TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "codes" VALUES('94648a4dc52355a12d1d9e07a246efb54fc2711e782c28df385ce0c7e86c8906','[{"name":"npm:csv-parse@7.0.3","digest":"a66ed1a4b80d0411ba492210057e0b82fffc5bb8cf1eab23492268153b8675d5"},{"name":"npm:csv-stringify@6.9.0","digest":"6f739dd944d8d68c35ec5456af5dfa7c20cb8b8c303311bb4f1786329009559a"},{"name":"src/core/command-environment.ts","digest":"28a23468dd4161fd270de49c4517b693bc207ba3512a040739d64ab04bf09f09"},{"name":"src/core/failpoint.ts","digest":"0095636e64088207d3fb581970dce10aa3b5c2cc6dc2b315208a52f0dcb9ba70"},{"name":"src/core/failure.ts","digest":"c898622cbaff577dcd1a15ae326c18586479c40530e7796cf2bb12b13dae296a"},{"name":"src/core/json.ts","digest":"b98fe571d67112a99a59236616f889c201169ccf3e9deb418b230ca468edcb1e"},{"name":"src/formats/csv.ts","digest":"23b2620043354639979ecd2698aa89e8e4e154479c7db1e678fffd81f2545ffe"},{"name":"src/formats/metrics-file.ts","digest":"90ef53d9ddffb890740c7c3d4bb69354ed26db09de6a4ab52c32bc6285d245d3"},{"name":"src/stages/command/call-program.ts","digest":"6beec5c815423e67dc130aa47407717814b9b498eaab4b839a09fa8379cf5d89"},{"name":"src/stages/command/check-outputs.ts","digest":"3d03dcc0fd13326707f7695330c64af1b86b044c0074bf56a0469777e557982a"},{"name":"src/stages/command/lay-out.ts","digest":"b2bb11b8693abfb3c53ba54f711f7fbde32dae7dffca7fee9ef123ee42066242"},{"name":"src/stages/command/process-group.ts","digest":"32e6839614594a405bea017d541fac26657d11584e2db012dee7389bb24d3796"},{"name":"src/stages/command/run.ts","digest":"33b0a7f56b7f633b02062f8aee2bf7cb61bdc48618f1c216533ebb2d6a227dc8"}]');
CREATE TABLE entries (
    fingerprint TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) WITHOUT ROWID;
CREATE TABLE folder_stamps (
    folder TEXT PRIMARY KEY,
    stamp TEXT NOT NULL
  ) WITHOUT ROWID;
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
INSERT INTO "inputs" VALUES('1bb14893472a7272fa666dbaa2c39d9ba28f0748820e5010bfc09610ecd93ac4','text',0,'metrics.json','16afd02a93e15273bd9e098513c1655866530d7a930cf055d90b4d37c610ecd6',NULL,'000749cf2d66765e5def1407f0e28339d0d71a6073298680758a0be86e425750');
INSERT INTO "inputs" VALUES('1bb14893472a7272fa666dbaa2c39d9ba28f0748820e5010bfc09610ecd93ac4','text',0,'said','f20f7cb935591966afbf63155c4e0a85332b553dd73b1065e8787d5a1ff01808',NULL,'000749cf2d66765e5def1407f0e28339d0d71a6073298680758a0be86e425750');
INSERT INTO "inputs" VALUES('9c74c3b5496bd45f7ddfe5dcd96581450d16d932129296b5c44966bae24f7c17','text',0,'metrics.json','16afd02a93e15273bd9e098513c1655866530d7a930cf055d90b4d37c610ecd6',NULL,'04ab0dd124cc13be6101ae460f094db7cf8af9afe0852bdad29729e275f82e6a');
INSERT INTO "inputs" VALUES('9c74c3b5496bd45f7ddfe5dcd96581450d16d932129296b5c44966bae24f7c17','text',0,'said','c150e5a8a604acebd8d15bd7bf8ea96b2874bdcc91dee6319977d353251283b0',NULL,'04ab0dd124cc13be6101ae460f094db7cf8af9afe0852bdad29729e275f82e6a');
CREATE TABLE metrics (
    fingerprint TEXT NOT NULL,
    name TEXT NOT NULL,
    split TEXT NOT NULL,
    value REAL NOT NULL,
    better TEXT NOT NULL,
    PRIMARY KEY (fingerprint, name, split)
  ) WITHOUT ROWID;
INSERT INTO "metrics" VALUES('000749cf2d66765e5def1407f0e28339d0d71a6073298680758a0be86e425750','size','',4.0,'neither');
INSERT INTO "metrics" VALUES('04ab0dd124cc13be6101ae460f094db7cf8af9afe0852bdad29729e275f82e6a','size','',4.0,'neither');
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
INSERT INTO "objects" VALUES('04ab0dd124cc13be6101ae460f094db7cf8af9afe0852bdad29729e275f82e6a','command','make@word=bee','94648a4dc52355a12d1d9e07a246efb54fc2711e782c28df385ce0c7e86c8906',NULL,NULL,'{"env":{},"outputs":["said"],"run":"echo bee > \"$OUT/said\"; echo \"{\\\"size\\\": 4}\" > \"$OUT/metrics.json\"","versions":[]}','published',16,'20261123-204541-0794-1-04ab0dd124cc13be',NULL,'here','2026-11-23T20:45:41.309Z',25.0,'2026-11-23T20:45:41.344Z','{"format":2,"fingerprint":"04ab0dd124cc13be6101ae460f094db7cf8af9afe0852bdad29729e275f82e6a","fields":{"stage":"command","code":"94648a4dc52355a12d1d9e07a246efb54fc2711e782c28df385ce0c7e86c8906","parameters":{"run":"echo bee > \"$OUT/said\"; echo \"{\\\"size\\\": 4}\" > \"$OUT/metrics.json\"","versions":[],"outputs":["said"],"env":{}},"seed":null,"engine":null,"inputs":{},"sources":{}},"stepId":"make@word=bee","outputs":[{"path":"metrics.json","digest":"16afd02a93e15273bd9e098513c1655866530d7a930cf055d90b4d37c610ecd6","sizeBytes":12},{"path":"said","digest":"c150e5a8a604acebd8d15bd7bf8ea96b2874bdcc91dee6319977d353251283b0","sizeBytes":4}],"metrics":[{"name":"size","split":null,"value":4,"better":"neither"}],"notes":[],"sourcesRead":{},"attempt":"20261123-204541-0794-1-04ab0dd124cc13be","leaseEpoch":1,"versions":{"clade":"0.1.0","node":"v20.20.2"},"machine":{"host":"here","platform":"linux","arch":"x64","cpu":"any"},"startedAt":"2026-11-23T20:45:41.309Z","durationMs":25,"resumedFrom":null,"checksum":"c23a8eaf45837d5abc08242029dd4a39647577e5b964c98affd31d4afb6e314d"}');
INSERT INTO "objects" VALUES('000749cf2d66765e5def1407f0e28339d0d71a6073298680758a0be86e425750','command','make@word=ant','94648a4dc52355a12d1d9e07a246efb54fc2711e782c28df385ce0c7e86c8906',NULL,NULL,'{"env":{},"outputs":["said"],"run":"echo ant > \"$OUT/said\"; echo \"{\\\"size\\\": 4}\" > \"$OUT/metrics.json\"","versions":[]}','published',16,'20261123-204541-0794-1-000749cf2d66765e',NULL,'here','2026-11-23T20:45:41.291Z',35.0,'2026-11-23T20:45:41.355Z','{"format":2,"fingerprint":"000749cf2d66765e5def1407f0e28339d0d71a6073298680758a0be86e425750","fields":{"stage":"command","code":"94648a4dc52355a12d1d9e07a246efb54fc2711e782c28df385ce0c7e86c8906","parameters":{"run":"echo ant > \"$OUT/said\"; echo \"{\\\"size\\\": 4}\" > \"$OUT/metrics.json\"","versions":[],"outputs":["said"],"env":{}},"seed":null,"engine":null,"inputs":{},"sources":{}},"stepId":"make@word=ant","outputs":[{"path":"metrics.json","digest":"16afd02a93e15273bd9e098513c1655866530d7a930cf055d90b4d37c610ecd6","sizeBytes":12},{"path":"said","digest":"f20f7cb935591966afbf63155c4e0a85332b553dd73b1065e8787d5a1ff01808","sizeBytes":4}],"metrics":[{"name":"size","split":null,"value":4,"better":"neither"}],"notes":[],"sourcesRead":{},"attempt":"20261123-204541-0794-1-000749cf2d66765e","leaseEpoch":1,"versions":{"clade":"0.1.0","node":"v20.20.2"},"machine":{"host":"here","platform":"linux","arch":"x64","cpu":"any"},"startedAt":"2026-11-23T20:45:41.291Z","durationMs":35,"resumedFrom":null,"checksum":"982adacbe921240b2345f221075db7ad2c05f1637e05f23ce90500fb176c7e6a"}');
INSERT INTO "objects" VALUES('9c74c3b5496bd45f7ddfe5dcd96581450d16d932129296b5c44966bae24f7c17','command','count@word=bee','94648a4dc52355a12d1d9e07a246efb54fc2711e782c28df385ce0c7e86c8906',NULL,NULL,'{"env":{},"outputs":["n"],"run":"wc -c < \"$IN_TEXT/said\" > \"$OUT/n\"","versions":[]}','published',2,'20261123-204541-0794-1-9c74c3b5496bd45f',NULL,'here','2026-11-23T20:45:41.353Z',9.0,'2026-11-23T20:45:41.366Z','{"format":2,"fingerprint":"9c74c3b5496bd45f7ddfe5dcd96581450d16d932129296b5c44966bae24f7c17","fields":{"stage":"command","code":"94648a4dc52355a12d1d9e07a246efb54fc2711e782c28df385ce0c7e86c8906","parameters":{"run":"wc -c < \"$IN_TEXT/said\" > \"$OUT/n\"","versions":[],"outputs":["n"],"env":{}},"seed":null,"engine":null,"inputs":{"text":{"metrics.json":"16afd02a93e15273bd9e098513c1655866530d7a930cf055d90b4d37c610ecd6","said":"c150e5a8a604acebd8d15bd7bf8ea96b2874bdcc91dee6319977d353251283b0"}},"sources":{}},"stepId":"count@word=bee","outputs":[{"path":"n","digest":"7de1555df0c2700329e815b93b32c571c3ea54dc967b89e81ab73b9972b72d1d","sizeBytes":2}],"metrics":[],"notes":[],"sourcesRead":{},"attempt":"20261123-204541-0794-1-9c74c3b5496bd45f","leaseEpoch":1,"versions":{"clade":"0.1.0","node":"v20.20.2"},"machine":{"host":"here","platform":"linux","arch":"x64","cpu":"any"},"startedAt":"2026-11-23T20:45:41.353Z","durationMs":9,"resumedFrom":null,"checksum":"3e253264f9d689edfd0b3d6c080503cbe7067b981ef166079fe37a996ddfd72c"}');
INSERT INTO "objects" VALUES('1bb14893472a7272fa666dbaa2c39d9ba28f0748820e5010bfc09610ecd93ac4','command','count@word=ant','94648a4dc52355a12d1d9e07a246efb54fc2711e782c28df385ce0c7e86c8906',NULL,NULL,'{"env":{},"outputs":["n"],"run":"wc -c < \"$IN_TEXT/said\" > \"$OUT/n\"","versions":[]}','published',2,'20261123-204541-0794-1-1bb14893472a7272',NULL,'here','2026-11-23T20:45:41.362Z',13.0,'2026-11-23T20:45:41.378Z','{"format":2,"fingerprint":"1bb14893472a7272fa666dbaa2c39d9ba28f0748820e5010bfc09610ecd93ac4","fields":{"stage":"command","code":"94648a4dc52355a12d1d9e07a246efb54fc2711e782c28df385ce0c7e86c8906","parameters":{"run":"wc -c < \"$IN_TEXT/said\" > \"$OUT/n\"","versions":[],"outputs":["n"],"env":{}},"seed":null,"engine":null,"inputs":{"text":{"metrics.json":"16afd02a93e15273bd9e098513c1655866530d7a930cf055d90b4d37c610ecd6","said":"f20f7cb935591966afbf63155c4e0a85332b553dd73b1065e8787d5a1ff01808"}},"sources":{}},"stepId":"count@word=ant","outputs":[{"path":"n","digest":"7de1555df0c2700329e815b93b32c571c3ea54dc967b89e81ab73b9972b72d1d","sizeBytes":2}],"metrics":[],"notes":[],"sourcesRead":{},"attempt":"20261123-204541-0794-1-1bb14893472a7272","leaseEpoch":1,"versions":{"clade":"0.1.0","node":"v20.20.2"},"machine":{"host":"here","platform":"linux","arch":"x64","cpu":"any"},"startedAt":"2026-11-23T20:45:41.362Z","durationMs":13,"resumedFrom":null,"checksum":"304ec228d3bdc5e5192eaf362bc1c188587a1be298e2d78da74cb77290e62251"}');
CREATE TABLE outputs (
    fingerprint TEXT NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, path)
  ) WITHOUT ROWID;
INSERT INTO "outputs" VALUES('000749cf2d66765e5def1407f0e28339d0d71a6073298680758a0be86e425750','metrics.json','16afd02a93e15273bd9e098513c1655866530d7a930cf055d90b4d37c610ecd6',12);
INSERT INTO "outputs" VALUES('000749cf2d66765e5def1407f0e28339d0d71a6073298680758a0be86e425750','said','f20f7cb935591966afbf63155c4e0a85332b553dd73b1065e8787d5a1ff01808',4);
INSERT INTO "outputs" VALUES('04ab0dd124cc13be6101ae460f094db7cf8af9afe0852bdad29729e275f82e6a','metrics.json','16afd02a93e15273bd9e098513c1655866530d7a930cf055d90b4d37c610ecd6',12);
INSERT INTO "outputs" VALUES('04ab0dd124cc13be6101ae460f094db7cf8af9afe0852bdad29729e275f82e6a','said','c150e5a8a604acebd8d15bd7bf8ea96b2874bdcc91dee6319977d353251283b0',4);
INSERT INTO "outputs" VALUES('1bb14893472a7272fa666dbaa2c39d9ba28f0748820e5010bfc09610ecd93ac4','n','7de1555df0c2700329e815b93b32c571c3ea54dc967b89e81ab73b9972b72d1d',2);
INSERT INTO "outputs" VALUES('9c74c3b5496bd45f7ddfe5dcd96581450d16d932129296b5c44966bae24f7c17','n','7de1555df0c2700329e815b93b32c571c3ea54dc967b89e81ab73b9972b72d1d',2);
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
INSERT INTO "run_steps" VALUES(1,'count@word=ant',3,'count','command','{"word":"ant"}','{"run":"wc -c < \"$IN_TEXT/said\" > \"$OUT/n\"","sources":[],"versions":[],"outputs":["n"],"env":{}}','1bb14893472a7272fa666dbaa2c39d9ba28f0748820e5010bfc09610ecd93ac4','executed','[{"code":"never-made","field":"count@word=ant"}]',NULL,NULL,'20261123-204541-0794-1-1bb14893472a7272',19.0);
INSERT INTO "run_steps" VALUES(1,'count@word=bee',2,'count','command','{"word":"bee"}','{"run":"wc -c < \"$IN_TEXT/said\" > \"$OUT/n\"","sources":[],"versions":[],"outputs":["n"],"env":{}}','9c74c3b5496bd45f7ddfe5dcd96581450d16d932129296b5c44966bae24f7c17','executed','[{"code":"never-made","field":"count@word=bee"}]',NULL,NULL,'20261123-204541-0794-1-9c74c3b5496bd45f',15.0);
INSERT INTO "run_steps" VALUES(1,'make@word=ant',1,'make','command','{"word":"ant"}','{"run":"echo ant > \"$OUT/said\"; echo \"{\\\"size\\\": 4}\" > \"$OUT/metrics.json\"","sources":[],"versions":[],"outputs":["said"],"env":{}}','000749cf2d66765e5def1407f0e28339d0d71a6073298680758a0be86e425750','executed','[{"code":"never-made","field":"make@word=ant"}]',NULL,NULL,'20261123-204541-0794-1-000749cf2d66765e',227.0);
INSERT INTO "run_steps" VALUES(1,'make@word=bee',0,'make','command','{"word":"bee"}','{"run":"echo bee > \"$OUT/said\"; echo \"{\\\"size\\\": 4}\" > \"$OUT/metrics.json\"","sources":[],"versions":[],"outputs":["said"],"env":{}}','04ab0dd124cc13be6101ae460f094db7cf8af9afe0852bdad29729e275f82e6a','executed','[{"code":"never-made","field":"make@word=bee"}]',NULL,NULL,'20261123-204541-0794-1-04ab0dd124cc13be',214.0);
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
INSERT INTO "runs" VALUES(1,'20261123-204541-0794','old','p.yaml','7589177cfe33d3ef0e885ed7c7951a9d6077295534a0fba3cc559d67a17fbcbb','[{"word":"ant"},{"word":"bee"}]','wasm','{"clade":"0.1.0","node":"v20.20.2"}','{"pid":1,"startedAt":"1","boot":"b","host":"here","machine":"m","space":"s"}','succeeded','2026-11-23T20:45:41.121Z','2026-11-23T20:45:41.381Z',260.0,4,4,0,0,0,'6ad9c12cd7bdebaf0d5a5f933323f7a4a82fb0323818b90846d15b5d8a801b58',NULL);
INSERT INTO "runs" VALUES(2,'20261123-204541-2687','old','p.yaml','7589177cfe33d3ef0e885ed7c7951a9d6077295534a0fba3cc559d67a17fbcbb','[{"word":"ant"},{"word":"bee"}]','wasm','{"clade":"0.1.0","node":"v20.20.2"}','{"pid":1,"startedAt":"1","boot":"b","host":"here","machine":"m","space":"s"}','succeeded','2026-11-23T20:45:41.616Z','2026-11-23T20:45:41.637Z',24.0,4,0,4,0,0,'6ad9c12cd7bdebaf0d5a5f933323f7a4a82fb0323818b90846d15b5d8a801b58',1);
CREATE TABLE source_cache (
    place TEXT PRIMARY KEY,
    files TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) WITHOUT ROWID;
CREATE TABLE sources (
    fingerprint TEXT NOT NULL,
    parameter TEXT NOT NULL,
    path TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (fingerprint, parameter, path)
  ) WITHOUT ROWID;
CREATE INDEX objects_by_stage ON objects (stage);
CREATE INDEX outputs_by_digest ON outputs (digest);
CREATE INDEX inputs_by_digest ON inputs (digest);
CREATE INDEX inputs_by_upstream ON inputs (upstream);
CREATE INDEX sources_by_digest ON sources (digest);
CREATE INDEX run_steps_by_key ON run_steps (key, step_id, run_seq);
CREATE INDEX run_steps_by_fingerprint ON run_steps (fingerprint);
CREATE INDEX attempts_by_fingerprint ON attempts (fingerprint);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',2);
COMMIT;
PRAGMA application_id = 1668047204;
PRAGMA user_version = 1;
