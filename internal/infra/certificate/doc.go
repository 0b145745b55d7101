// Package certificate issues what agencies certify: a credential (SD-JWT VC, RFC 9901 and the SD-JWT VC draft, signed
// ES256 by the agency) and a PDF with a QR code made of it; keeps its status (Token Status List) and tells anybody
// whether a certificate shown is genuine, unaltered and in force.
//
// Tables: certificate.credential, certificate.status_list.
// Jobs: certificate.render.
// Events: certificate.issued.v1, certificate.rendered.v1, certificate.status_changed.v1.
package certificate
