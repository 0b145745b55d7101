// Package wallet is where people keep the credentials issued to them, and from where they show them: the whole
// certificate as PDF, or chosen claims only, to whom they want and for as long as they want. Each showing is a consent
// that can be looked up and ended.
//
// Tables: wallet.item, wallet.share.
// Consumes: certificate.issued.v1, certificate.status_changed.v1.
package wallet
