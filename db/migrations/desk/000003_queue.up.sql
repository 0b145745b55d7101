CREATE TABLE desk.topic (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  agency text NOT NULL,
  office text NOT NULL,
  code text NOT NULL CHECK (code ~ '^[A-Z]$'),
  name jsonb NOT NULL,
  minutes integer NOT NULL CHECK (minutes BETWEEN 5 AND 240),
  places integer NOT NULL CHECK (places BETWEEN 0 AND 50),
  active boolean NOT NULL DEFAULT true,
  PRIMARY KEY (tenant_id, agency, office, code)
);
SELECT platform.protect('desk.topic');
COMMENT ON TABLE desk.topic IS 'What people come to an office for; each has a queue of its own, called by its letter';
COMMENT ON COLUMN desk.topic.minutes IS 'How long one takes: the length of an appointment, and what waiting is estimated by';
COMMENT ON COLUMN desk.topic.places IS 'How many appointments there are at one time; none: only tokens';

CREATE TABLE desk.appointment (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  agency text NOT NULL,
  office text NOT NULL,
  topic text NOT NULL,
  person_id uuid NOT NULL,
  at timestamptz NOT NULL,
  status text NOT NULL CHECK (status IN ('booked', 'cancelled', 'arrived')),
  booked_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT appointment_topic_fkey FOREIGN KEY (tenant_id, agency, office, topic) REFERENCES desk.topic (tenant_id, agency, office, code)
);
SELECT platform.protect('desk.appointment');
CREATE UNIQUE INDEX appointment_person_key ON desk.appointment (tenant_id, person_id, agency, office, topic) WHERE status = 'booked';
CREATE INDEX appointment_topic_idx ON desk.appointment (tenant_id, agency, office, topic, at);
CREATE INDEX appointment_person_idx ON desk.appointment (tenant_id, person_id, at DESC);
COMMENT ON TABLE desk.appointment IS 'When somebody comes to an office, and for what';

CREATE TABLE desk.ticket (
  tenant_id uuid NOT NULL DEFAULT platform.current_tenant(),
  id uuid NOT NULL,
  agency text NOT NULL,
  office text NOT NULL,
  topic text NOT NULL,
  day date NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  status text NOT NULL CHECK (status IN ('waiting', 'called', 'served', 'absent')),
  appointment_id uuid,
  counter text NOT NULL DEFAULT '',
  called_by uuid,
  calls integer NOT NULL DEFAULT 0,
  taken_at timestamptz NOT NULL,
  called_at timestamptz,
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT ticket_topic_fkey FOREIGN KEY (tenant_id, agency, office, topic) REFERENCES desk.topic (tenant_id, agency, office, code),
  CONSTRAINT ticket_appointment_fkey FOREIGN KEY (tenant_id, appointment_id) REFERENCES desk.appointment (tenant_id, id),
  CONSTRAINT ticket_called_check CHECK ((status = 'waiting') = (called_at IS NULL)),
  CONSTRAINT ticket_ended_check CHECK ((status IN ('served', 'absent')) = (ended_at IS NOT NULL))
);
SELECT platform.protect('desk.ticket');
CREATE UNIQUE INDEX ticket_number_key ON desk.ticket (tenant_id, agency, office, topic, day, number);
CREATE UNIQUE INDEX ticket_appointment_key ON desk.ticket (tenant_id, appointment_id);
CREATE UNIQUE INDEX ticket_operator_key ON desk.ticket (tenant_id, called_by) WHERE status = 'called';
CREATE INDEX ticket_queue_idx ON desk.ticket (tenant_id, agency, office, day, status);
COMMENT ON TABLE desk.ticket IS 'Tokens of those who wait, by office, topic and day; they name nobody';
