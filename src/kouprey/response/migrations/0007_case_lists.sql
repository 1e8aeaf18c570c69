-- Lists of cases are filtered without reading one body: all that they are filtered by stands in the index that has their
-- order. One begins with whether they are closed, as the first page asks; one is for all of them.
DROP INDEX case_file_by_change;
CREATE INDEX case_file_by_state ON case_file (
    closed, changed_at, id, merged_into, named, label_set_id, number, phase, category, severity, cross_border, title
);
CREATE INDEX case_file_by_news ON case_file (
    changed_at, id, closed, merged_into, named, label_set_id, number, phase, category, severity, cross_border, title
);
