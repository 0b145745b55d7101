package pdf

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg" // registers JPEG, and names its errors
	"image/png"
	"net/http"

	"digit/internal/infra/platform/fault"
)

// The most an image may have; a larger one costs too much memory to unpack.
const (
	maxPictureBytes  = 8 << 20
	maxPicturePixels = 4 << 20
)

// ErrPicture says that an image is neither PNG nor JPEG, is damaged, or is larger than 8 MB or 4 megapixels.
var ErrPicture = fault.Invalid("pdf.picture")

// Picture is an image ready to be placed, unpacked and packed once. It may be used in many documents at the
// same time: keep it where the same emblem stands on every paper.
type Picture struct {
	width, height int
	dict          string // colour space and filter
	data          []byte
	mask          []byte // opacity, compressed; nil if opaque
}

// NewPicture reads a PNG or JPEG. Errors: ErrPicture.
func NewPicture(data []byte) (*Picture, error) {
	if len(data) > maxPictureBytes {
		return nil, ErrPicture.With("bytes", len(data))
	}
	kind := http.DetectContentType(data)
	var cfg image.Config
	var err error
	switch kind {
	case "image/png":
		cfg, err = png.DecodeConfig(bytes.NewReader(data))
	case "image/jpeg":
		cfg, err = jpeg.DecodeConfig(bytes.NewReader(data))
	default:
		return nil, ErrPicture.With("type", kind)
	}
	if err != nil {
		return nil, ErrPicture.Because(err)
	}
	if cfg.Width <= 0 || cfg.Height <= 0 || cfg.Width > maxPicturePixels/cfg.Height {
		return nil, ErrPicture.With("width", cfg.Width, "height", cfg.Height)
	}
	if kind == "image/jpeg" && (cfg.ColorModel == color.YCbCrModel || cfg.ColorModel == color.GrayModel) {
		return jpegPicture(data, cfg)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, ErrPicture.Because(err)
	}
	return pixelPicture(img), nil
}

// jpegPicture keeps the JPEG as it is, since PDF readers know the format; it is unpacked once to be sure
// that it is whole.
func jpegPicture(data []byte, cfg image.Config) (*Picture, error) {
	if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
		return nil, ErrPicture.Because(err)
	}
	space := "/DeviceRGB"
	if cfg.ColorModel == color.GrayModel {
		space = "/DeviceGray"
	}
	return &Picture{width: cfg.Width, height: cfg.Height, data: bytes.Clone(data), dict: "/ColorSpace" + space + "/Filter/DCTDecode"}, nil
}

func pixelPicture(img image.Image) *Picture {
	b := img.Bounds()
	rgb := make([]byte, 0, 3*b.Dx()*b.Dy())
	alpha := make([]byte, 0, b.Dx()*b.Dy())
	opaque := true
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			rgb = append(rgb, c.R, c.G, c.B)
			alpha = append(alpha, c.A)
			opaque = opaque && c.A == 255
		}
	}
	p := &Picture{width: b.Dx(), height: b.Dy(), data: deflate(rgb), dict: "/ColorSpace/DeviceRGB/Filter/FlateDecode"}
	if !opaque {
		p.mask = deflate(alpha)
	}
	return p
}

// write adds the image's objects; n is the number of the first.
func (pic *Picture) write(f *file, n int) {
	size := fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8", pic.width, pic.height)
	dict := size + pic.dict
	if pic.mask != nil {
		m := f.alloc()
		f.packed(m, size+"/ColorSpace/DeviceGray/Filter/FlateDecode", pic.mask)
		dict += fmt.Sprintf("/SMask %d 0 R", m)
	}
	f.packed(n, dict, pic.data)
}
