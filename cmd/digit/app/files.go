package app

import (
	"digit/internal/infra/document"
	"digit/internal/infra/document/clamd"
	"digit/internal/infra/document/inspect"
	"digit/internal/infra/encryption"
	"digit/internal/provider/console"
)

// InspectCommand is the command under which the program looks into one file that somebody handed in.
const InspectCommand = "inspect-file"

// scanner returns the configured scanner, nil for none.
func (c Config) scanner() (*clamd.Client, error) {
	if c.Scanner == "" {
		return nil, nil
	}
	return clamd.New(c.Scanner)
}

// documents says how files are looked into: by the program itself in a process for each, where it knows its own file.
func (c Config) documents(keys *encryption.Service, scanner *clamd.Client) document.Deps {
	d := document.Deps{Encryption: keys}
	if c.Program != "" {
		d.Inspector = inspect.Child{Program: c.Program, Args: []string{InspectCommand}}.File
	}
	if scanner != nil {
		d.Scanner = scanner
	}
	return d
}

// pinged is the scanner as the health page knows it; a nil pointer would be no nil interface.
func pinged(scanner *clamd.Client) console.Scanner {
	if scanner == nil {
		return nil
	}
	return scanner
}
