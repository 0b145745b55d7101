package studio

// SMSParts lets tests count the parts of a text.
var SMSParts = smsParts
