package workbench_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/provider/workbench"
)

// sheet is a picture that is white but for a red letter at (20, 30) to (60, 50).
func sheet(t *testing.T, mediaType string) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 160, 120))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(20, 30, 60, 50), image.NewUniform(color.RGBA{R: 255, A: 255}), image.Point{}, draw.Src)
	var b bytes.Buffer
	var err error
	if mediaType == "image/jpeg" {
		err = jpeg.Encode(&b, img, nil)
	} else {
		err = png.Encode(&b, img)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestBlackened: nothing of what is covered is in the copy, and what is not covered is as it was.
func TestBlackened(t *testing.T) {
	t.Parallel()
	for _, mediaType := range []string{"image/png", "image/jpeg"} {
		out, err := workbench.Blacken(sheet(t, mediaType), mediaType, []workbench.Box{{X: 120, Y: 240, W: 260, H: 180}})
		if err != nil {
			t.Fatal(err)
		}
		img, kind, err := image.Decode(bytes.NewReader(out))
		if err != nil || "image/"+kind != mediaType {
			t.Fatalf("%s became %s, %v", mediaType, kind, err)
		}
		for y := range 120 {
			for x := range 160 {
				r, g, b, _ := img.At(x, y).RGBA()
				if r>>8 > 200 && g>>8 < 100 && b>>8 < 100 {
					t.Fatalf("%s: red is left at %d, %d", mediaType, x, y)
				}
			}
		}
		if r, _, _, _ := img.At(30, 40).RGBA(); r>>8 > 8 {
			t.Errorf("%s: the box is not black", mediaType)
		}
		if r, g, b, _ := img.At(120, 100).RGBA(); r>>8 < 248 || g>>8 < 248 || b>>8 < 248 {
			t.Errorf("%s: what is not covered has changed", mediaType)
		}
	}
	if _, err := workbench.Blacken([]byte("no picture"), "image/png", nil); err == nil {
		t.Error("what is no picture is painted")
	}
}

// TestBoxesCover: wherever a box lies, each point that any of it covers is black.
func TestBoxesCover(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w, h := rapid.IntRange(1, 90).Draw(r, "width"), rapid.IntRange(1, 90).Draw(r, "height")
		box := workbench.Box{X: rapid.IntRange(0, 999).Draw(r, "x"), Y: rapid.IntRange(0, 999).Draw(r, "y")}
		box.W, box.H = rapid.IntRange(1, 1000-box.X).Draw(r, "w"), rapid.IntRange(1, 1000-box.Y).Draw(r, "h")
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
		var in bytes.Buffer
		if err := png.Encode(&in, img); err != nil {
			r.Fatal(err)
		}
		out, err := workbench.Blacken(in.Bytes(), "image/png", []workbench.Box{box})
		if err != nil {
			r.Fatal(err)
		}
		painted, err := png.Decode(bytes.NewReader(out))
		if err != nil {
			r.Fatal(err)
		}
		for y := range h {
			for x := range w { // a point covers a stretch of thousandths
				covered := x*1000 < (box.X+box.W)*w && (x+1)*1000 > box.X*w && y*1000 < (box.Y+box.H)*h && (y+1)*1000 > box.Y*h
				if got, _, _, _ := painted.At(x, y).RGBA(); covered && got != 0 {
					r.Fatalf("a point at %d, %d of %d×%d shows under %+v", x, y, w, h, box)
				}
			}
		}
	})
}
