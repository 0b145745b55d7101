package ui

import (
	"context"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"
	"rsc.io/qr"
)

// QRImage draws text as a QR code, with the quiet zone readers need, as inline SVG (a strict policy allows no data
// addresses). Label says what it leads to; put the same address in words beside it. Text that is too long for a code
// is an error of rendering.
func QRImage(text, label string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		code, err := qr.Encode(text, qr.M)
		if err != nil {
			return fmt.Errorf("ui.QRImage: %w", err)
		}
		size := code.Size + 8
		var path strings.Builder
		for y := range code.Size {
			for x := range code.Size {
				if code.Black(x, y) {
					fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+4, y+4)
				}
			}
		}
		_, err = fmt.Fprintf(w, `<svg class="qr" role="img" aria-label="%s" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
			html.EscapeString(label), size, size, size, size, path.String())
		return err
	})
}
