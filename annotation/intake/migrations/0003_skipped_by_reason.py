from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0002_staged_rows_in_order'),
    ]

    operations = [
        migrations.AddField(
            model_name='importfile',
            name='skipped_by_reason',
            field=models.JSONField(default=dict),
        ),
    ]
