package ui

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Icon draws an outline of the set by its name, sized by the text around it. It is decoration: the words beside it
// carry the meaning, so readers do not hear it. Arrows and chevrons turn round in right-to-left pages. An unknown
// name is an error of rendering.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		body, ok := outlines[name]
		if !ok {
			return fmt.Errorf("ui.Icon(%q): no such icon", name)
		}
		flip := ""
		if strings.HasSuffix(name, "-left") || strings.HasSuffix(name, "-right") || name == "log-out" || name == "send" || name == "undo-2" {
			flip = " data-flip"
		}
		_, err := fmt.Fprintf(w, `<svg class="icon"%s viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">%s</svg>`, flip, body)
		return err
	})
}

// HasIcon reports whether the set has an icon of this name, for settings where people choose one.
func HasIcon(name string) bool {
	_, ok := outlines[name]
	return ok
}
