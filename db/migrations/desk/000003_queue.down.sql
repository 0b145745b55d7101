DROP TABLE desk.ticket, desk.appointment, desk.topic;
