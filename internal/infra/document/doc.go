// Package document stores and returns files: what citizens hand in, and the receipts and certificates made for them.
// Content is cut into pieces, each sealed under the person's key before it reaches SQL. What a file is, its content
// decides, never its name.
//
// What comes from outside goes through Inspect, outside of any transaction, and Take; what the platform makes itself
// through Store. Where there is a scanner, job document.scan asks it, and nobody reads a file before it has called it
// clean.
//
// A file can come in pieces that go on where they were cut off (Begin, Append, Arrived, Finish); job document.sweep deletes those that
// never became whole.
//
// Tables: document.file, document.chunk, document.transfer, document.piece. Setting: the address of the scanner (--scanner).
package document
