package pdf_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"
	"time"

	"digit/internal/infra/platform/pdf"
)

var created = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

const (
	credential = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"]}`
	verifyURL  = "https://digit.example/v/01J9Z8K3N4Q5R6S7T8V9W0X1Y2"
)

// emblem draws a picture to stand for a coat of arms: ten stars round a ring.
func emblem(t testing.TB) *pdf.Picture {
	t.Helper()
	const n = 240
	img := image.NewNRGBA(image.Rect(0, 0, n, n))
	for y := range n {
		for x := range n {
			dx, dy := float64(x)-n/2, float64(y)-n/2
			r := math.Hypot(dx, dy)
			switch {
			case r > 112 && r < 118, r < 62:
				img.SetNRGBA(x, y, color.NRGBA{0x12, 0x3A, 0x7A, 255})
			}
			for i := range 10 {
				a := float64(i)*math.Pi/5 - math.Pi/2
				sx, sy := dx-88*math.Cos(a), dy-88*math.Sin(a)
				if math.Hypot(sx, sy) < 8+5*math.Cos(5*math.Atan2(sy, sx)+math.Pi/2) {
					img.SetNRGBA(x, y, color.NRGBA{0xD9, 0xA4, 0x14, 255})
				}
			}
			if math.Abs(dx) < 34 && dy > 26-2*(34-math.Abs(dx)) && dy < 26 {
				img.SetNRGBA(x, y, color.NRGBA{255, 255, 255, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	pic, err := pdf.NewPicture(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return pic
}

func birthCertificate(emblem *pdf.Picture) *pdf.Document {
	d := pdf.New(pdf.Meta{Title: "Certidão de Nascimento — Maria da Conceição", Author: "Direção-Geral dos Registos", Subject: "CN-2026-000123", Language: "pt", Created: created})
	d.Theme(pdf.Theme{Accent: 0x123A7A, Frame: true, CenterHeadings: true})
	d.Footer("Documento emitido eletronicamente · CN-2026-000123 · Página {page} de {pages}")
	d.Image(emblem, 24, "Emblema da República", pdf.Center)
	d.Space(2)
	d.Paragraph("REPÚBLICA DE CABO VERDE", pdf.Style{Size: 12.5, Bold: true, Align: pdf.Center})
	d.Paragraph("Direção-Geral dos Registos, Notariado e Identificação", pdf.Style{Size: 9.5, Align: pdf.Center, Color: 0x5B6470})
	d.Heading("Certidão de Nascimento", 1)
	d.Paragraph("Certifica-se, nos termos da lei, que no assento de nascimento n.º 1 452 do ano de 2019 consta o seguinte:", pdf.Style{Align: pdf.Center})
	d.Space(6)
	d.KeyValues([][2]string{
		{"Nome completo", "Maria da Conceição Évora Brandão"},
		{"Data de nascimento", "14 de março de 2019, às 03h25"},
		{"Naturalidade", "Freguesia de Nossa Senhora da Graça, Praia, Ilha de Santiago"},
		{"Sexo", "Feminino"},
		{"Pai", "João Baptista Évora"},
		{"Mãe", "Ana Luísa Gonçalves Brandão"},
		{"Avós paternos", "Manuel Évora e Inês dos Reis"},
		{"Avós maternos", "António Brandão e Conceição Gonçalves"},
		{"Averbamentos", "Nenhum"},
	})
	d.Space(4)
	d.Columns([]float64{1, 2.1},
		func(f *pdf.Flow) { f.QR(verifyURL, 36, "Digitalize para verificar", pdf.Start) },
		func(f *pdf.Flow) {
			f.Panel(func(f *pdf.Flow) {
				f.Paragraph("Verificação de autenticidade", pdf.Style{Size: 9.5, Bold: true, Color: 0x123A7A})
				f.Paragraph("Este ficheiro contém a credencial assinada. Leia o código ou carregue o ficheiro em digit.example/v para confirmar a sua validade.", pdf.Style{Size: 8.5})
			})
			f.Signature("Carlos Alberto Semedo", "Conservador dos Registos · Praia, 14 de março de 2026")
		})
	d.Attach("credential.json", "application/vc+ld+json", []byte(credential))
	return d
}

func arabicReceipt() *pdf.Document {
	d := pdf.New(pdf.Meta{Title: "إيصال دفع", Author: "بلدية برايا", Language: "ar", Created: created})
	d.Theme(pdf.Theme{Accent: 0x0B6B53})
	d.Footer("صفحة {page} من {pages}")
	d.Columns([]float64{3, 1},
		func(f *pdf.Flow) {
			f.Paragraph("بلدية مدينة برايا", pdf.Style{Size: 13, Bold: true})
			f.Paragraph("قسم التراخيص التجارية (Câmara Municipal da Praia)", pdf.Style{Size: 9.5, Color: 0x5B6470})
		},
		func(f *pdf.Flow) { f.Seal("بلدية\nبرايا", 22, "ختم البلدية", pdf.End) })
	d.Rule()
	d.Heading("إيصال دفع", 1)
	d.KeyValues([][2]string{
		{"رقم الإيصال", "REC-2026-000457"},
		{"التاريخ", "14/03/2026 09:26"},
		{"الدافع", "محمد بن عبد الله الأنصاري"},
		{"الهاتف", "+238 991 23 45"},
		{"العنوان", "شارع الاستقلال رقم 12، الطابق 3 (Plateau)"},
	})
	d.Table(pdf.Table{
		Head: []string{"البيان", "الكمية", "المبلغ (CVE)"},
		Rows: [][]string{
			{"رسوم رخصة تجارية لسنة 2026", "1", "12 500,00"},
			{"رسوم المعاينة", "2", "3 000,00"},
		},
		Foot: []string{"المجموع", "", "15 500,00"}, Weights: []float64{4, 1, 2}, Align: []pdf.Align{pdf.Start, pdf.Center, pdf.End},
	})
	d.Paragraph("هذا الإيصال صادر إلكترونيًا ولا يحتاج إلى توقيع. للتحقق من صحته امسح الرمز أو ارفع الملف في صفحة التحقق.", pdf.Style{})
	d.QR(verifyURL, 34, "للتحقق", pdf.Start)
	return d
}

func longReport() *pdf.Document {
	d := pdf.New(pdf.Meta{Title: "Register", Language: "en"})
	d.Footer("Page {page} of {pages}")
	d.Heading("Register of licences", 1)
	t := pdf.Table{Head: []string{"Number", "Holder"}}
	for i := range 200 {
		t.Rows = append(t.Rows, []string{fmt.Sprintf("TL-%04d", i+1), strings.Repeat("Holder of the licence ", 1+i%5)})
	}
	d.Table(t)
	d.Paragraph(strings.Repeat("Every word must stay on some page. ", 400), pdf.Style{})
	return d
}

func write(t testing.TB, d *pdf.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := d.WriteTo(&b)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(b.Len()) {
		t.Fatalf("WriteTo said %d bytes and wrote %d", n, b.Len())
	}
	return b.Bytes()
}
