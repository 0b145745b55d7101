// Package pdf writes the papers people keep: receipts, certificates and letters, in any language of the
// platform. Text is shaped (Arabic joins, Indic clusters form), ordered by the bidirectional algorithm,
// broken by UAX #14 and set in fonts that travel inside the program; each file carries only the glyphs it
// uses, can be searched and copied, and is tagged so that screen readers can follow it.
//
// A document is a flow of blocks from top to bottom. It mirrors itself when its language is written from
// right to left: "start" is then the right-hand side. The same input always gives the same bytes, so a
// certificate can be made again and compared by hash.
//
// A signed credential can travel inside the paper (Attach) and be read back from an upload (Attachment).
//
// The package knows no tenant, no database and no language catalogue: callers bring finished sentences.
// It is safe to write different documents at the same time; one Document belongs to one goroutine.
package pdf
