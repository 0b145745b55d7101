// Package db carries the numbered SQL migrations of every module inside the binary.
package db

import "embed"

// Migrations holds migrations/<module>/<number>_<name>.{up,down}.sql. The module's name is its schema's name.
//
//go:embed all:migrations
var Migrations embed.FS
