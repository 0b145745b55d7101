package ui

import "time"

// ThreadView is a conversation of two sides, the first message first.
type ThreadView struct {
	// Label names the conversation to who hears the page.
	Label    string
	Messages []ThreadMessage
}

// ThreadMessage is what one side wrote.
type ThreadMessage struct {
	// ID is the place of the message in the page.
	ID, Author string
	// Mine says that the reader's side wrote it.
	Mine bool
	Time time.Time
	Text string
	// Files go with it.
	Files []FileItem
	// Seen says whether the other side has read it.
	Seen string
}
