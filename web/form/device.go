package form

import (
	"context"

	"digit/web/ui"
)

// DeviceView is what the script of a form's page (form.js) needs to know: whose device it is, and where it stands. Without script it is
// nothing.
type DeviceView struct {
	// Person is whose answers are kept, in whoever's name; "" on the page that stands in for others without a network.
	Person string
	// Request is the path of the request; Path, inside of its form, that of the page; Next the page after it.
	Request, Path, Next string
	// Rev is the revision of the request. Later and Itself are the button, and its value, by which a script saves.
	Rev, Later, Itself string
	// Reload shows the page again when what was kept has been sent.
	Reload bool
}

// said are the sentences that the script says by itself.
var said = []string{
	"arrived", "cancel", "choose", "conflict", "conflict_text", "delete", "elsewhere", "empty", "failed", "files_wait", "go_on", "goes_on", "keep_mine", "kept",
	"late", "leave", "mine", "next_unknown", "not_sent", "offline", "queued", "sent", "sign_in", "take_theirs", "taken", "theirs",
}

func deviceWords(ctx context.Context) (words []ui.Fact) {
	for _, key := range said {
		words = append(words, ui.Fact{Key: key, Value: ui.T(ctx, "device."+key, "n", "{n}", "name", "{name}", "title", "{title}")})
	}
	return words
}
