package inspect

import (
	"image"
	"image/draw"
)

// turned returns the picture as it was meant, by the orientation that the camera noted.
func turned(img image.Image, o int) image.Image {
	if o < 2 || o > 8 {
		return img
	}
	switch src := img.(type) {
	case *image.Gray:
		w, h := meant(o, src.Rect.Dx(), src.Rect.Dy())
		dst := image.NewGray(image.Rect(0, 0, w, h))
		turnPlane(o, dst.Pix, dst.Stride, src.Pix, src.Stride, src.Rect.Dx(), src.Rect.Dy())
		return dst
	case *image.YCbCr:
		if ratio, ok := turnedRatio(o, src.SubsampleRatio); ok {
			return turnYCbCr(o, src, ratio)
		}
	}
	return turnAny(o, img)
}

// meant is the size of the picture as meant, w and h being the size as stored.
func meant(o, w, h int) (int, int) {
	if o >= 5 {
		return h, w
	}
	return w, h
}

// source says which point of the picture as stored, w by h, belongs at x, y of the picture as meant.
func source(o, x, y, w, h int) (int, int) {
	switch o {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

// turnPlane turns one plane of bytes; w and h are its size as stored.
func turnPlane(o int, dst []byte, dstStride int, src []byte, srcStride, w, h int) {
	width, height := meant(o, w, h)
	for y := range height {
		for x := range width {
			sx, sy := source(o, x, y, w, h)
			dst[y*dstStride+x] = src[sy*srcStride+sx]
		}
	}
}

// turnedRatio is how colour is sampled after a turn; not every way has a counterpart across.
func turnedRatio(o int, r image.YCbCrSubsampleRatio) (image.YCbCrSubsampleRatio, bool) {
	if o < 5 {
		return r, true
	}
	switch r {
	case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420:
		return r, true
	case image.YCbCrSubsampleRatio422:
		return image.YCbCrSubsampleRatio440, true
	case image.YCbCrSubsampleRatio440:
		return image.YCbCrSubsampleRatio422, true
	}
	return r, false
}

// turnYCbCr turns brightness and colour apart, which is a twentieth of the work of going by points.
func turnYCbCr(o int, src *image.YCbCr, ratio image.YCbCrSubsampleRatio) image.Image {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	width, height := meant(o, w, h)
	dst := image.NewYCbCr(image.Rect(0, 0, width, height), ratio)
	turnPlane(o, dst.Y, dst.YStride, src.Y, src.YStride, w, h)
	cw, ch := colourSize(src)
	turnPlane(o, dst.Cb, dst.CStride, src.Cb, src.CStride, cw, ch)
	turnPlane(o, dst.Cr, dst.CStride, src.Cr, src.CStride, cw, ch)
	return dst
}

// colourSize is the size of the planes of colour.
func colourSize(src *image.YCbCr) (w, h int) {
	w, h = src.Rect.Dx(), src.Rect.Dy()
	switch src.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		return (w + 1) / 2, h
	case image.YCbCrSubsampleRatio420:
		return (w + 1) / 2, (h + 1) / 2
	case image.YCbCrSubsampleRatio440:
		return w, (h + 1) / 2
	case image.YCbCrSubsampleRatio411:
		return (w + 3) / 4, h
	case image.YCbCrSubsampleRatio410:
		return (w + 3) / 4, (h + 1) / 2
	}
	return w, h
}

func turnAny(o int, img image.Image) image.Image {
	b := img.Bounds()
	flat := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(flat, flat.Bounds(), img, b.Min, draw.Src)
	w, h := meant(o, b.Dx(), b.Dy())
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			sx, sy := source(o, x, y, b.Dx(), b.Dy())
			dst.SetRGBA(x, y, flat.RGBAAt(sx, sy))
		}
	}
	return dst
}
