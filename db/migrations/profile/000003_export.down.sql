DROP TABLE profile.erasure;
DROP TABLE profile.export;
