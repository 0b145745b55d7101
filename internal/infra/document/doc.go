// Package document stores and returns files: what citizens hand in, and the receipts and certificates made for them.
// Content is cut into pieces, each sealed under the person's key before it reaches SQL. What a file is, its content
// decides, never its name.
//
// Tables: document.file, document.chunk.
package document
