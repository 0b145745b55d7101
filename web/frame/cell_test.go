package frame_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	"digit/web/frame"
)

func TestCell(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "Joana Lima": "Joana Lima", "=1+1": "'=1+1", "+2389911234": "+2389911234", "-5": "-5", "-12.50": "-12.50", "+cmd|' /C calc'!A0": "'+cmd|' /C calc'!A0",
		"-2+3": "'-2+3", "@SUM(1)": "'@SUM(1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\x00=1": "'\x00=1", " =1": "' =1", "\u00a0@x": "'\u00a0@x",
		"\ufeff=1": "'\ufeff=1", "＝1": "'＝1", "a=1": "a=1", "'=1": "'=1", "2026-03-14": "2026-03-14", "شهادة": "شهادة", " ": " ",
	} {
		if got := frame.Cell(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	hostile := []string{"a,b", `say "hi"`, "two\nlines", frame.Cell(`=HYPERLINK("http://evil.example","x")`)}
	if err := w.Write(hostile); err != nil {
		t.Fatal(err)
	}
	w.Flush()
	back, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(back) != 1 || len(back[0]) != len(hostile) || back[0][2] != "two\nlines" || back[0][3][0] != '\'' {
		t.Errorf("%v, %v", back, err)
	}
}
