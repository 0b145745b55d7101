DROP TABLE document.piece;
DROP TABLE document.transfer;
