mysql -u report -p shop
mysql -u report -p shop < monthly.sql > monthly.tsv
head monthly.tsv
wc -l monthly.tsv
scp monthly.tsv 10.20.2.5:
rm monthly.tsv
exit
