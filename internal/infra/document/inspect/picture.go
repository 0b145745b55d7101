package inspect

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// The largest picture that is drawn: 40 million points are more than a scanned page at 600 dpi and than what telephones
// take unless told otherwise. What a file claims to be is asked before a single point is drawn.
const (
	maxPoints = 40_000_000
	maxSide   = 20_000
)

// quality of the JPEG that is written: no difference to be seen, at about the size it came with.
const quality = 88

func cleanJPEG(_ context.Context, content []byte) (Result, error) {
	img, err := decode(content, jpeg.DecodeConfig, jpeg.Decode)
	if err != nil {
		return Result{}, err
	}
	return asJPEG(turned(img, orientation(content)))
}

func cleanPNG(_ context.Context, content []byte) (Result, error) {
	img, err := decode(content, png.DecodeConfig, png.Decode)
	if err != nil {
		return Result{}, err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return Result{}, ErrUnreadable.Because(err)
	}
	return Result{MediaType: "image/png", Content: out.Bytes()}, nil
}

// cleanWebP makes a JPEG of it: there is no writer of WebP in Go, and everybody can open a JPEG.
func cleanWebP(_ context.Context, content []byte) (Result, error) {
	img, err := decode(content, webp.DecodeConfig, webp.Decode)
	if err != nil {
		return Result{}, err
	}
	return asJPEG(img)
}

func decode(content []byte, size func(io.Reader) (image.Config, error), read func(io.Reader) (image.Image, error)) (image.Image, error) {
	c, err := size(bytes.NewReader(content))
	if err != nil {
		return nil, ErrUnreadable.Because(err)
	}
	if c.Width < 1 || c.Height < 1 {
		return nil, ErrUnreadable.Because(errors.New("no points"))
	}
	if c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPoints {
		return nil, ErrPixels.With("megapixels", maxPoints/1_000_000)
	}
	img, err := read(bytes.NewReader(content))
	if err != nil {
		return nil, ErrUnreadable.Because(err)
	}
	return img, nil
}

// asJPEG writes a picture, on white where it lets light through.
func asJPEG(img image.Image) (Result, error) {
	if o, ok := img.(interface{ Opaque() bool }); ok && !o.Opaque() {
		flat := image.NewRGBA(img.Bounds())
		draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
		img = flat
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality}); err != nil {
		return Result{}, ErrUnreadable.Because(err)
	}
	return Result{MediaType: "image/jpeg", Content: out.Bytes()}, nil
}

// orientation is how a camera was held (Exif 2.32, tag 274), 1 where nothing is said: the note about it is left behind
// with all others, so the picture itself must be turned.
func orientation(content []byte) int {
	const start, exif, app1, scan = 2, "Exif\x00\x00", 0xE1, 0xDA
	for at := start; at+4 <= len(content) && content[at] == 0xFF; {
		marker, size := content[at+1], int(binary.BigEndian.Uint16(content[at+2:]))
		if marker == scan || size < 2 || at+2+size > len(content) {
			return 1
		}
		segment := content[at+4 : at+2+size]
		if marker == app1 && bytes.HasPrefix(segment, []byte(exif)) {
			return tiffOrientation(segment[len(exif):])
		}
		at += 2 + size
	}
	return 1
}

// tiffOrientation reads the tag from the first directory of a TIFF header.
func tiffOrientation(tiff []byte) int {
	const tag, entry = 274, 12
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	count := int64(order.Uint16(tiff[at:]))
	for i := range count {
		e := at + 2 + i*entry
		if e+entry > int64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[e:]) == tag {
			if o := int(order.Uint16(tiff[e+8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}
