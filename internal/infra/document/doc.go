// Package document stores and returns files: what citizens hand in, and the receipts and certificates made for them.
// Content is cut into pieces, each sealed under the person's key before it reaches SQL. What a file is, its content
// decides, never its name.
//
// What comes from outside goes through Inspect, outside of any transaction, and Take; what the platform makes itself
// through Store. Where there is a scanner, job document.scan asks it, and nobody reads a file before it has called it
// clean.
//
// Tables: document.file, document.chunk. Setting: the address of the scanner (--scanner).
package document
