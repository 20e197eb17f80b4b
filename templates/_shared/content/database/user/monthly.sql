SELECT DATE_FORMAT(o.created_at, '%Y-%m') AS month,
       c.country,
       COUNT(*) AS orders,
       ROUND(SUM(o.total), 2) AS total
FROM orders o
JOIN customers c ON c.id = o.customer_id
WHERE o.status IN ('paid', 'shipped')
GROUP BY month, c.country
ORDER BY month, total DESC;
